import type { Log } from "../std/log.ts";
import type { CertificateStatus } from "./authority-status.ts";

const DAY = 24 * 3_600_000;
/** Days before the end at which it is told, the last first. */
const stages = [7, 30, 90] as const;

/** A certificate that ends soon. */
export interface Ending {
  readonly subject: string;
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** Which of 7, 30 and 90 days it is within. */
  readonly withinDays: 7 | 30 | 90;
}

/** Those of an authority's certificates that end soon: within 90, 30 or 7 days, and in the last half of their life, as some live for weeks alone. */
export function endingSoon(certificates: readonly CertificateStatus[], now: number): readonly Ending[] {
  return certificates.flatMap(({ subject, serial, notBefore, notAfter }) => {
    const left = notAfter - now;
    const withinDays = stages.find((days) => left <= days * DAY);
    const isYoung = left > (notAfter - notBefore) / 2;
    return withinDays === undefined || isYoung ? [] : [{ subject, serial, notAfter, withinDays }];
  });
}

/** For people: which one ends, when, and what to do. */
export function endingWords({ subject, notAfter }: Ending, now: number): string {
  const days = Math.max(0, Math.floor((notAfter - now) / DAY));
  const when = new Date(notAfter).toISOString();
  return `the authority's certificate "${subject}" ends in ${days} ${days === 1 ? "day" : "days"} (${when})`;
}

/** Tells of each certificate once for each stage. */
export function endingTold(log: Log): (ending: readonly Ending[], now: number) => void {
  const told = new Map<string, number>();
  return (ending, now) => {
    for (const one of ending) {
      if (told.get(one.serial) === one.withinDays) continue;
      told.set(one.serial, one.withinDays);
      log.warn(endingWords(one, now), { serial: one.serial });
    }
  };
}
