import type { FileToken } from "./access-file.ts";
import type { Verifier } from "./gate.ts";
import { digestOf, equal } from "./secrets.ts";

/** Tokens of the access file. What is not one of them is not for this verifier. */
export function fileTokens(tokens: () => readonly FileToken[]): Verifier {
  return async (given) => {
    const digest = digestOf(given);
    const found = tokens().find(({ sha256 }) => equal(sha256, digest));
    return found && { name: found.user, groups: found.groups, how: "token" };
  };
}
