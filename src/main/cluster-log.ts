import type { Discovery } from "../discovery/discovery.ts";
import { type Diagnostic, formatDiagnostic } from "../model/diagnostic.ts";
import type { Log } from "../std/log.ts";

/** Logs once what sources refuse, and once that it is mended: in a cluster there is no terminal to see it in. */
export function logDiagnostics(discovery: Discovery, log: Log): void {
  let known = new Map<string, Diagnostic>();
  discovery.onChange(() => {
    const errors = discovery.diagnostics().filter((one) => one.level === "Error");
    if (errors.length === 0 && known.size === 0) return;
    const now = new Map(errors.map((one) => [formatDiagnostic(one), one]));
    for (const text of now.keys()) if (!known.has(text)) log.error("configuration refused", { fault: text });
    for (const text of known.keys()) if (!now.has(text)) log.info("configuration mended", { fault: text });
    known = now;
  });
}
