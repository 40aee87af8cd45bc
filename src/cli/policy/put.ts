import { change } from "../change.ts";
import type { Format } from "../output/format.ts";
import type { Session } from "../session.ts";

/**
 * An object into the running mesh, as `weft apply` and `weft delete` do it. Into a cluster nothing is written: there the object goes to standard
 * output, for kubectl.
 */
export async function put(
  verb: "apply" | "delete",
  text: string,
  flags: { readonly output: Format; readonly dryRun?: boolean },
  session: Session,
): Promise<void> {
  const where = await session.where();
  if ("choice" in where) {
    session.out(text);
    session.say(
      `nothing is written into the cluster; this does it: the same command | kubectl --context ${where.context} ${verb} -f -`,
    );
    return;
  }
  await change(verb, [{ file: "-", text, found: false }], { ...flags, wait: true }, session);
}
