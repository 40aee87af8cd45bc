import type { AccessSettings } from "../api/who/access-file.ts";
import { CliError, exitCodes } from "../cli/exit.ts";
import { loopback } from "./addresses.ts";

/** What the console's port listens on. Throws a CliError for an address that others reach while nobody could log in, or passwords would go in the clear. */
export function consoleHosts(address: string | undefined, { publicUrl, tls }: AccessSettings): readonly string[] {
  const own = loopback();
  if (address === undefined || own.includes(address)) return own;
  const fix = "write both into the access file (--access FILE): docs/console-access.md";
  if (publicUrl === undefined)
    throw new CliError(
      exitCodes.usage,
      `--console-address ${address}: others reach it, and no publicUrl says under which name`,
      fix,
    );
  if (tls === undefined && publicUrl.protocol !== "https:")
    throw new CliError(
      exitCodes.usage,
      `--console-address ${address}: tokens would go over the network in the clear`,
      "give tls a certificate, or let a proxy speak TLS before it and say so by publicUrl: https://...",
    );
  return address === "::" || address === "0.0.0.0" ? [address] : [...own, address];
}
