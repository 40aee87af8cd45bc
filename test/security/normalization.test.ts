import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange, get, statuses } from "./raw-http.ts";
import { type WorkloadBed, workloadBed } from "./workload-bed.ts";

// What each mode of MeshConfig's pathNormalization makes of a path. Facts: Istio's tests/integration/security/normalization_test.go.

const port = 7000;
let bed: WorkloadBed;
let server: Server;

beforeAll(async () => {
  bed = await workloadBed();
  server = createServer((request, response) => response.end(`URL=${request.url}`)).listen(port, bed.applications);
  await once(server, "listening");
});
afterAll(async () => {
  server?.close();
  await bed?.stop();
});

const mode = (name: string) => bed.take([port], `meshConfig: {pathNormalization: {normalization: ${name}}}`);

/** The path that arrives, or the status of a request that does not. */
async function arriving(path: string): Promise<string> {
  const answer = await exchange({ host: bed.ip, port }, get(path));
  return /URL=(.*)$/s.exec(answer)?.[1] ?? String(statuses(answer)[0]);
}

type Table = Readonly<Record<string, string>>;

const asTheyAre = (paths: readonly string[]): Table => Object.fromEntries(paths.map((p) => [p, p]));

const none: Table = asTheyAre([
  "/",
  "/app/",
  "/app/../admin",
  "/app",
  "/app//",
  "/app/%2f",
  "/app%2f/",
  "/xyz%30..//abc",
  "/app/%2E./admin",
  "/app\\admin",
  "/app/\\/\\/\\admin",
  "/%2Fapp%5cadmin%5Cabc",
  "/%5Capp%2f%5c%2F%2e%2e%2fadmin%5c\\abc",
  "/app//../admin",
  "/app//../../admin",
]);

const base: Table = {
  ...none,
  "/app/../admin": "/admin",
  "/xyz%30..//abc": "/xyz0..//abc",
  "/app/%2E./admin": "/admin",
  "/app\\admin": "/app/admin",
  "/app/\\/\\/\\admin": "/app//////admin",
  "/%5Capp%2f%5c%2F%2e%2e%2fadmin%5c\\abc": "/%5Capp%2f%5c%2F..%2fadmin%5c/abc",
  "/app//../admin": "/app/admin",
  "/app//../../admin": "/admin",
};

const merged: Table = {
  ...base,
  "/app//": "/app/",
  "/xyz%30..//abc": "/xyz0../abc",
  "/app/\\/\\/\\admin": "/app/admin",
};

const decoded: Table = {
  ...merged,
  "/app/%2f": "/app/",
  "/app%2f/": "/app/",
  "/%2Fapp%5cadmin%5Cabc": "/app/admin/abc",
  "/%5Capp%2f%5c%2F%2e%2e%2fadmin%5c\\abc": "/app/admin/abc",
  "/%c0%2e%c0%2e/admin": "/%c0.%c0./admin",
  "/%c0%2fadmin": "/%c0/admin",
  // Envoy 1.40 knows parameters of a dot segment; Istio's table is older.
  "/..;/admin": "/admin",
  "/admin%00": "400",
  ...asTheyAre(["/0x2e0x2e/admin", "/0x2e0x2e0x2fadmin", "/0x2f0x2fadmin", "/%25c0%25ae%25c0%25ae/admin"]),
  ...asTheyAre([
    "/%25c0%25afadmin",
    "/%252e%252e/admin",
    "/%252e%252e%252fadmin",
    "/%c1%9cadmin",
    "/%c0%ae%c0%ae/admin",
  ]),
  ...asTheyAre(["/%c0%afadmin", "/.../admin", "/..../admin", "/;/admin", "/admin;a=b", "/admin;a=b/xyz"]),
  ...asTheyAre(["/admin,a=b/xyz", "/Admin", "/ADMIN"]),
  ...Object.fromEntries(Array.from({ length: 255 }, (_, i) => escaped(i + 1))),
};

/** Letters, digits and `-._~` are the same escaped and not; of the rest only the two slashes are decoded. */
function escaped(byte: number): readonly [string, string] {
  const written = `/admin%${byte.toString(16).padStart(2, "0")}`;
  const character = String.fromCharCode(byte);
  if (character === "/" || character === "\\") return [written, "/admin/"];
  return [written, /[\w.~-]/.test(character) ? `/admin${character}` : written];
}

const modes: Readonly<Record<string, Table>> = {
  NONE: none,
  BASE: base,
  MERGE_SLASHES: merged,
  DECODE_AND_MERGE_SLASHES: decoded,
  // Nothing said is the strictest, not BASE as in Istio.
  DEFAULT: decoded,
};

describe.each(Object.entries(modes))("%s", (name, table) => {
  test("paths arrive as Istio has it", async () => {
    await mode(name);
    const arrived: Record<string, string> = {};
    for (const path of Object.keys(table)) arrived[path] = await arriving(path);
    expect(arrived).toEqual(table);
  });

  test("a fragment is refused", async () => {
    await mode(name);
    expect(await arriving("/app#foo")).toBe("400");
  });
});
