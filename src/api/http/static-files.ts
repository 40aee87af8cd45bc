import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { Refusal } from "./answer.ts";
import { sendPage } from "./page.ts";

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
  ".txt": "text/plain; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

const encodings = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

interface Found {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
}

/**
 * Serves a folder: the built console. Files under `assets/` have a hash in their names and are kept for ever, all others are asked for again each time.
 * An address of the console that is no file gets its page, with
 * a new `nonce`. Nothing outside the folder is served, by dots or by links.
 */
export async function serveStatic(
  { folder, nonce }: { readonly folder: string; readonly nonce: () => string },
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    throw new Refusal(405, `${request.method} means nothing here`, undefined, { allow: "GET, HEAD" });
  }
  const wanted = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
  const asset = pathname.startsWith("/assets/");
  const isPage = !asset && /\btext\/html\b/.test(request.headers.accept ?? "");
  const file = (await find(folder, wanted)) ?? (isPage ? await find(folder, "/index.html") : undefined);
  if (file === undefined) {
    if (isPage || pathname === "/")
      throw new Refusal(
        404,
        "the console is not built here",
        "npm start builds it; the weft command shows the same in a terminal",
      );
    throw new Refusal(404, `there is no ${pathname}`);
  }
  if (extname(file.path) === ".html") return sendPage(file.path, nonce(), request, response);
  await send(folder, file, asset, request, response);
}

async function send(
  folder: string,
  file: Found,
  asset: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader("cache-control", asset ? "public, max-age=31536000, immutable" : "no-cache");
  response.setHeader("vary", "accept-encoding");
  const packed = await packedForm(folder, file.path, request);
  const { path, size, etag } = packed?.file ?? file;
  response.setHeader("etag", etag);
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304).end();
    return;
  }
  if (packed) response.setHeader("content-encoding", packed.encoding);
  const type = contentTypes[extname(file.path)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type, "content-length": size });
  if (request.method === "HEAD") response.end();
  else await pipeline(createReadStream(path), response).catch(() => response.destroy());
}

/** The form packed ahead of time that the client takes. */
async function packedForm(folder: string, path: string, request: IncomingMessage) {
  const accepted = String(request.headers["accept-encoding"] ?? "");
  for (const [encoding, suffix] of encodings) {
    if (!new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))`).test(accepted)) continue;
    const file = await find(folder, path.slice(resolve(folder).length) + suffix);
    if (file) return { encoding, file };
  }
  return undefined;
}

async function find(folder: string, pathname: string): Promise<Found | undefined> {
  const root = resolve(folder);
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  if (decoded.includes("\0") || decoded.includes("\\") || decoded.split("/").some((part) => part.startsWith(".")))
    return undefined;
  const path = join(root, decoded);
  try {
    const [real, realRoot] = await Promise.all([realpath(path), realpath(root)]);
    if (!real.startsWith(realRoot + sep)) return undefined;
    const { size, mtimeMs, isFile } = await stat(real).then((s) => ({
      size: s.size,
      mtimeMs: s.mtimeMs,
      isFile: s.isFile(),
    }));
    return isFile ? { path, size, etag: `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"` } : undefined;
  } catch {
    return undefined;
  }
}
