import type { RootAnswer } from "../../api/cli-contract.ts";
import { formatAge } from "../duration.ts";
import type { Session } from "../session.ts";

/** `weft certs rotate root` and `recover`: a new root beside the old one. Rejects with a CliError. */
export async function newRoot(what: "rotate" | "recover", now: boolean, session: Session): Promise<void> {
  const client = await session.addressed(
    () =>
      "on a cluster the leading replica rotates its root by itself, in time; another authority is plugged in by the Secret cacerts",
  );
  const { body } = await client.post<RootAnswer>(`certificates/${what}`, "", { now });
  const at = session.deps.clock.now();
  for (const { subject, serial, state, until } of body.roots) {
    const left = until === undefined ? "" : formatAge(until - at);
    const meaning: Readonly<Record<string, string>> = {
      active: "signs",
      next: `is trusted, and signs in ${left}`,
      retiring: `is trusted for ${left} more`,
    };
    session.out(`${subject} (${serial.toLowerCase().slice(0, 8)}) ${meaning[state] ?? "is trusted"}\n`);
  }
  session.say("Nothing has to be restarted. weft certs shows how far it is.");
}
