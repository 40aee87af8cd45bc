import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Json } from "./merge.ts";

/** How a source says that one Secret or ConfigMap may not be read. */
const refusal = /^((?:Secret|ConfigMap) [^ ]+) cannot be read: /;

/**
 * A status whose conditions say of objects that may not be read, so that the plan takes them for missing, who refuses and which command lets the
 * control plane read them.
 */
export function withCommands(status: Json, findings: readonly Diagnostic[]): Json {
  const refused = findings.flatMap(({ message, fix }) => {
    const object = refusal.exec(message)?.[1];
    return object === undefined ? [] : [{ object, told: `${message}${fix === undefined ? "" : `; ${fix}`}.` }];
  });
  return refused.length === 0 ? status : (within(status, refused) as Json);
}

interface Refused {
  /** `Secret shop/tls`. */
  readonly object: string;
  readonly told: string;
}

function within(value: unknown, refused: readonly Refused[]): unknown {
  if (Array.isArray(value)) return value.map((item) => within(item, refused));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === "message" && typeof child === "string" ? explained(child, refused) : within(child, refused),
    ]),
  );
}

/** What the plan says of an object that is missing, as a sentence. */
const endings = ["tls.crt and tls.key", "ca.crt"];

/** The sentence that says that an object is not there becomes the one that says why it cannot be seen. */
function explained(message: string, refused: readonly Refused[]): string {
  return refused.reduce(
    (text, { object, told }) =>
      endings.reduce((said, ending) => said.replaceAll(`There is no ${object} with ${ending}.`, () => told), text),
    message,
  );
}
