import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { afterEach, expect, test } from "vitest";
import { startDatabase } from "./mariadb.ts";
import { databaseRatings } from "./ratings-database.ts";
import { openShop } from "./test-mesh.ts";

const FOLDER = join(import.meta.dirname, "..");
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Starts an application as its Deployment does; `said` resolves once its output matches. */
function run(
  file: string,
  env: Record<string, string>,
): { child: ChildProcess; said: (pattern: RegExp) => Promise<string[]> } {
  const child = spawn(process.execPath, [`src/${file}`], {
    cwd: FOLDER,
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  started.push(child);
  let output = "";
  const said = (pattern: RegExp): Promise<string[]> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(output);
        if (found !== null) resolve(found);
      };
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", look);
      child.once("close", () => reject(new Error(`${file} ended without saying ${pattern}; it said:\n${output}`)));
      look();
    });
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  return { child, said };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test.each(["productpage", "details", "reviews", "ratings"])(
  "%s starts as a process, serves and stops on SIGTERM",
  async (service) => {
    const { child, said } = run(`${service}.ts`, { PORT: "0", POD_NAME: `${service}-pod` });
    const [, port] = await said(/listens on port (\d+)/);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  },
);

test("a request under way when SIGTERM comes is answered before the process goes", async () => {
  const shop = openShop();
  let answer = (): void => {};
  const asked = Promise.withResolvers<void>();
  const ratings = await shop.fake((_request, response) => {
    answer = () => void response.end(JSON.stringify({ id: 0, version: "v1", podname: "late", ratings: { Mara: 3 } }));
    asked.resolve();
  });
  const { child, said } = run("reviews.ts", { PORT: "0", SERVICE_VERSION: "v2", RATINGS_URL: ratings });
  const [, port] = await said(/listens on port (\d+)/);
  const reply = fetch(`http://127.0.0.1:${port}/reviews/0`);
  await asked.promise;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await said(/finishing the requests under way/);
  answer();
  const response = await reply;
  expect(response.headers.get("connection")).toBe("close");
  expect(await response.json()).toMatchObject({ ratings: { podname: "late" } });
  expect(await ended).toEqual([0, null]);
  await shop.close();
});

test("a port that is taken and settings that make no sense are told in one line", async () => {
  const holder = createServer().listen(0);
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  await run("details.ts", { PORT: String(port) }).said(
    new RegExp(`details: port ${port} is taken; stop what listens there`),
  );
  await run("details.ts", { PORT: "http" }).said(/details: environment variable PORT: "http" is not a whole number/);
  await run("reviews.ts", { RATINGS_URL: "ratings:9080" }).said(
    /RATINGS_URL: "ratings:9080" is not an http:\/\/ address/,
  );
  holder.close();
});

test("ratings v2 read a real MariaDB, tell when it is away, and find it again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bookinfo-test-"));
  const port = await freePort();
  const env = {
    PATH: process.env["PATH"] ?? "",
    PORT: String(port),
    MARIADB_DATA_DIR: folder,
    HOST: "127.0.0.1",
  };
  const shop = openShop();
  const store = databaseRatings({
    MYSQL_DB_HOST: "127.0.0.1",
    MYSQL_DB_PORT: String(port),
    MYSQL_DB_PASSWORD: "bookinfo",
  });
  const ratings = await shop.ratings(store, "v2");
  const read = (): Promise<Response> => fetch(`${ratings}/ratings/0`);
  try {
    const away = await read();
    expect(away.status).toBe(503);
    expect(await away.json()).toMatchObject({
      error: expect.stringContaining(`127.0.0.1:${port} cannot be asked: ECONNREFUSED`),
    });

    const first = run("mariadb.ts", env);
    await first.said(/ready for connections/);
    expect(await (await read()).json()).toMatchObject({ version: "v2", ratings: { Mara: 4, Jonah: 2 } });
    await fetch(`${ratings}/ratings/0`, { method: "POST", body: '{"Jonah":5}' });
    const firstEnd = once(first.child, "exit");
    first.child.kill("SIGTERM");
    expect(await firstEnd).toEqual([0, null]);
    expect((await read()).status).toBe(503);

    const second = run("mariadb.ts", env);
    await second.said(/ready for connections/);
    const database = { MYSQL_DB_HOST: "127.0.0.1", MYSQL_DB_PORT: String(port), MYSQL_DB_PASSWORD: "bookinfo" };
    const v2 = run("ratings.ts", { PORT: "0", SERVICE_VERSION: "v2", ...database });
    const [, served] = await v2.said(/listens on port (\d+)/);
    const answer = await fetch(`http://127.0.0.1:${served}/ratings/0`);
    expect(await answer.json()).toMatchObject({ version: "v2", ratings: { Mara: 4, Jonah: 5 } });
    const v2End = once(v2.child, "exit");
    v2.child.kill("SIGTERM");
    expect(await v2End).toEqual([0, null]);
    expect(await (await read()).json()).toMatchObject({ ratings: { Mara: 4, Jonah: 5 } });
    await expect(createConnection({ host: "127.0.0.1", port, user: "root" })).rejects.toThrow(/Access denied/);
    const secondEnd = once(second.child, "exit");
    second.child.kill("SIGTERM");
    await secondEnd;
  } finally {
    await store.close();
    await shop.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test("without MARIADB_DATA_DIR the database leaves nothing behind", async () => {
  const temporary = await mkdtemp(join(tmpdir(), "bookinfo-test-"));
  const { child, said } = run("mariadb.ts", { PORT: String(await freePort()), TMPDIR: temporary });
  await said(/ready for connections/);
  expect(await readdir(temporary)).toHaveLength(1);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
  expect(await readdir(temporary)).toEqual([]);
  await rm(temporary, { recursive: true });
});

test("with HOST, two services share a port on addresses of their own; a HOST that is a name is none of our business", async () => {
  const port = String(await freePort());
  await run("details.ts", { PORT: port, HOST: "127.0.21.1" }).said(/listens on port/);
  await run("ratings.ts", { PORT: port, HOST: "127.0.21.2" }).said(/listens on port/);
  expect((await fetch(`http://127.0.21.1:${port}/details/0`)).status).toBe(200);
  expect((await fetch(`http://127.0.21.2:${port}/ratings/0`)).status).toBe(200);
  await run("ratings.ts", { PORT: "0", HOST: "my-laptop" }).said(/listens on port/);
  await run("ratings.ts", { PORT: "0", HOST: "192.0.2.1" }).said(/HOST is not an address of this machine/);
});

test("where MariaDB is not installed, the package is named", async () => {
  const empty = await mkdtemp(join(tmpdir(), "bookinfo-test-"));
  await expect(startDatabase({ PATH: empty }, undefined, [])).rejects.toThrow("apt-get install mariadb-server");
  await rm(empty, { recursive: true });
});
