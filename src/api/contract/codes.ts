/** `GET /api/v1/codes/{code}`: what a finding's code means. */
export interface CodeMeaning {
  readonly code: string;
  readonly level: "Error" | "Warning" | "Info";
  readonly title: string;
  readonly text: string;
  readonly fix?: string;
  /** Where the project that it is of says more. */
  readonly doc?: string;
}
