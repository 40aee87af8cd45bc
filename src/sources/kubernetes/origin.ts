import { type FieldPath, formatPath, type Origin, type Position } from "../../model/origin.ts";
import { formatRef, type Ref } from "../../model/resource.ts";

/** An object of an API server has no lines: a place in it is its name, and a path. */
class ObjectOrigin implements Origin {
  readonly file: string;
  readonly line = 0;
  readonly column = 0;
  readonly at: string;

  constructor(name: string) {
    this.file = name;
    this.at = name;
  }

  locate(path: FieldPath): Position {
    return { file: this.file, line: 0, column: 0, ...(path.length === 0 ? {} : { path: formatPath(path) }) };
  }
}

/** `VirtualService default/reviews`, and `VirtualService default/reviews spec.http[0].timeout` for a field. */
export function originOf(ref: Ref): Origin {
  return new ObjectOrigin(formatRef(ref));
}
