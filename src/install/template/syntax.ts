/** Where an action stands: `templates/deployment.yaml:14`. */
export type At = string;

/** What an action of a template says. The subset of Go's text/template that the charts use; anything else does not parse. */
export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly pipe: Pipe }
  | { readonly kind: "assign"; readonly name: string; readonly declares: boolean; readonly pipe: Pipe }
  | { readonly kind: "if"; readonly pipe: Pipe; readonly body: readonly Node[]; readonly otherwise: readonly Node[] }
  | { readonly kind: "with"; readonly pipe: Pipe; readonly body: readonly Node[]; readonly otherwise: readonly Node[] }
  | {
      readonly kind: "range";
      /** Variables, without `$`: none, the value's, or the key's and the value's. */
      readonly names: readonly string[];
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: "define"; readonly name: string; readonly body: readonly Node[] };

/** Commands, each of which gets the value of the one before as its last argument. */
export interface Pipe {
  readonly at: At;
  readonly commands: readonly Command[];
}

export type Command =
  | { readonly kind: "call"; readonly name: string; readonly terms: readonly Term[] }
  | { readonly kind: "value"; readonly term: Term };

export type Term =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  /** `.a.b` of the dot (base undefined), or of a variable (`$` is the variable ""). */
  | { readonly kind: "path"; readonly variable: string | undefined; readonly fields: readonly string[] }
  /** `.Files.Get "x"`: a method of the root. */
  | { readonly kind: "pipe"; readonly pipe: Pipe };

/** A template that does not parse, or does not render: `FILE:LINE: what`. */
export class TemplateError extends Error {
  constructor(at: At, what: string) {
    super(`${at}: ${what}`);
    this.name = "TemplateError";
  }
}
