/** Body of every answer that is not 2xx. */
export interface ApiError {
  readonly error: string;
  readonly fix?: string;
}
