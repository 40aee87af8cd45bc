import type { Ref } from "../model/resource.ts";
import type { DraftAnswer, FieldSchema, SchemaKind } from "./contract/edit.ts";
import type { ConfigFacts } from "./contract/facts.ts";
import type { References } from "./contract/references.ts";

/** What an editor of configuration asks; `main` makes it. Nothing of it writes. */
export interface Editing {
  /** Reads, judges and analyses a text of objects as if it were applied. */
  readonly draft: (text: string) => DraftAnswer;
  readonly schemas: () => readonly SchemaKind[];
  /** The schema of a type's whole object. `version` is the newest by default. Undefined where there is none. */
  readonly schema: (type: string, version: string | undefined) => FieldSchema | undefined;
  /** Names to offer, of some namespaces or (none) of all. */
  readonly facts: (namespaces: ReadonlySet<string>) => ConfigFacts;
  /** Undefined where there is no such object. */
  readonly references: (ref: Ref) => References | undefined;
}
