import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { contentPolicy } from "./guard.ts";

/**
 * Answers with the console's page. Style elements that its libraries make are let in by a nonce that is in this answer alone, so nobody may keep the
 * answer. The page has a place for it: `<meta property="csp-nonce" nonce="">`.
 */
export async function sendPage(
  path: string,
  nonce: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const page = (await readFile(path, "utf8")).replace(
    '<meta property="csp-nonce" nonce=""',
    () => `<meta property="csp-nonce" nonce="${nonce}"`,
  );
  const bytes = Buffer.from(page);
  response.setHeader("content-security-policy", contentPolicy(` 'nonce-${nonce}'`));
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-length": bytes.length,
    "cache-control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}
