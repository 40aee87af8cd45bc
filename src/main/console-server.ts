import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import type { AccessSettings } from "../api/who/access-file.ts";
import type { Authority } from "../ca/authority.ts";
import { CliError, exitCodes } from "../cli/exit.ts";

/** The console's HTTP: by TLS where the access file has a certificate. Where it names identities who connects is asked for theirs, and need not have one. */
export function consoleServer(
  { tls, header }: AccessSettings,
  authority: Pick<Authority, "roots" | "onChange"> | undefined,
  handle: RequestListener,
): Server | SecureServer {
  if (tls === undefined) return createServer(handle);
  const own = { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
  if (header === undefined || header.identities.length === 0) return createSecureServer(own, handle);
  if (authority === undefined)
    throw new CliError(
      exitCodes.usage,
      "the access file names identities of proxies, and this mesh signs none (--plaintext)",
      "name their addresses: header.from",
    );
  const ca = () => [...authority.roots];
  const server = createSecureServer({ ...own, ca: ca(), requestCert: true, rejectUnauthorized: false }, handle);
  server.once(
    "close",
    authority.onChange(() => server.setSecureContext({ ...own, ca: ca() })),
  );
  return server;
}
