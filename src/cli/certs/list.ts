import type { CertificateSummary } from "../../api/contract/certificates.ts";
import { formatAge, parseDuration } from "../duration.ts";
import { exitCodes } from "../exit.ts";
import { type Format, renderListing } from "../output/format.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../session.ts";
import { byEnd, worry } from "./expiring.ts";
import { gatherCertificates } from "./gather.ts";

export interface ListFlags {
  readonly output: Format;
  readonly failWithin?: string;
  readonly live?: boolean;
  readonly revision?: string;
}

/** `weft certs`. Ends with 2 where a certificate that counts ends within the time of `--fail-within`, or the authority is in trouble. */
export async function listCertificates(flags: ListFlags, session: Session): Promise<void> {
  const within = flags.failWithin === undefined ? undefined : parseDuration("--fail-within", flags.failWithin);
  const { items, trouble, silent } = await gatherCertificates(session, {
    live: flags.live ?? false,
    ...(flags.revision === undefined ? {} : { revision: flags.revision }),
  });
  const now = session.deps.clock.now();
  const worries = byEnd(items).flatMap((one) => {
    const why = worry(one, now, within ?? 0);
    return why === undefined ? [] : [`${one.kind} ${one.name} (${one.serial.slice(0, 8)}) ${why}: ${until(one, now)}`];
  });
  const warnings = [...(trouble === undefined ? [] : [trouble]), ...worries];
  session.out(
    await renderListing(
      {
        kind: "CertificateList",
        items: byEnd(items),
        warnings,
        columns: columns(now),
        wide,
        name: (one) => `certificate/${one.serial}`,
      },
      flags.output,
    ),
  );
  if (items.length === 0) session.say("No certificates.");
  for (const one of silent) session.warn(`not asked in the end: ${one}`);
  for (const one of warnings) session.warn(one);
  if (within !== undefined && warnings.length > 0) session.exitCode = exitCodes.findings;
}

function columns(now: number): readonly Column<CertificateSummary>[] {
  return [
    { title: "KIND", of: (one) => (one.state === undefined ? one.kind : `${one.kind} (${one.state})`) },
    { title: "NAME", of: (one) => one.name },
    { title: "SERIAL", of: (one) => one.serial.slice(0, 8) },
    { title: "ISSUER", of: (one) => one.issuer.replace(/^.*CN=/, "") || "-" },
    { title: "EXPIRES", of: (one) => iso(one.notAfter) },
    { title: "LEFT", of: (one) => until(one, now) },
    { title: "HELD BY", of: (one) => few(one.holders) },
  ];
}

const wide: readonly Column<CertificateSummary>[] = [
  { title: "NOT BEFORE", of: (one) => iso(one.notBefore) },
  { title: "RENEWED", of: (one) => (one.renewed ? "by itself" : "by hand") },
  { title: "SUBJECT", of: (one) => one.subject || "-" },
  { title: "SERIAL NUMBER", of: (one) => one.serial },
];

function until({ notAfter }: CertificateSummary, now: number): string {
  return notAfter > now ? formatAge(notAfter - now) : `over since ${formatAge(now - notAfter)}`;
}

function iso(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().replace(/\.\d+Z$/, "Z") : "-";
}

function few(holders: readonly string[]): string {
  if (holders.length === 0) return "-";
  const shown = holders.slice(0, 2).join(", ");
  return holders.length > 2 ? `${shown} and ${holders.length - 2} more` : shown;
}
