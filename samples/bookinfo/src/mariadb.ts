import { type ChildProcess, spawn } from "node:child_process";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Env, readHost, readNumber } from "./settings.ts";

/** Runs a real MariaDB with the sample's schema: what the mysqldb container is, as a process. */

const SCHEMA = fileURLToPath(new URL("../mariadb/schema.sql", import.meta.url));

/** Where Debian and others put daemons that are not on everybody's PATH. */
const DAEMON_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/sbin"];

/** A database server that runs. */
export interface Database {
  readonly process: ChildProcess;
  readonly folder: string;
  /** Resolves with how the server ended, after a data folder of our own making is removed. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * Starts mariadbd on HOST (default all addresses) and PORT (default 3306) as whoever calls, root or not. Its data is in MARIADB_DATA_DIR, made on the first
 * start and kept; without that variable in a temporary folder that goes with the server. Log lines go to stdout and stderr.
 * `signal` gives up a first start; `folders` are looked into after PATH. Throws an Error that names the package when MariaDB is not installed.
 */
export async function startDatabase(
  env: Env,
  signal?: AbortSignal,
  folders: readonly string[] = DAEMON_FOLDERS,
): Promise<Database> {
  const port = readNumber(env, "PORT", 3306, 65_535);
  const daemon = await findProgram(env, "mariadbd", folders);
  const installer = await findProgram(env, "mariadb-install-db", folders);
  const given = env["MARIADB_DATA_DIR"];
  const folder = given || (await mkdtemp(join(tmpdir(), "bookinfo-mariadb-")));
  const forget = async (): Promise<void> => (given ? undefined : rm(folder, { recursive: true, force: true }));
  try {
    await makeData(installer, folder, signal);
    signal?.throwIfAborted();
  } catch (error) {
    await forget();
    throw error;
  }
  const server = spawn(
    daemon,
    [
      "--no-defaults",
      ...asUser(),
      `--datadir=${join(folder, "data")}`,
      // Relative to the data folder: a full path may be longer than the 107 bytes that a socket may have.
      "--socket=socket",
      `--pid-file=${join(folder, "pid")}`,
      `--port=${port}`,
      `--bind-address=${readHost(env) ?? "*"}`,
      // Names of callers are of no use here, and asking DNS for them would hold up every connection.
      "--skip-name-resolve",
      "--innodb-buffer-pool-size=16M",
      "--performance-schema=OFF",
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    server.once("error", () => void forget().then(() => resolve({ code: 1, signal: null })));
    server.once("exit", (code, signal) => void forget().then(() => resolve({ code, signal })));
  });
  return { process: server, folder, ended };
}

/** mariadbd refuses to run as root unless told so; "root" of a user namespace is root to it. */
function asUser(): string[] {
  return process.getuid?.() === 0 ? ["--user=root"] : [];
}

/** Makes the data folder aside and renames it, so that a start that was cut off leaves nothing that looks finished. */
async function makeData(installer: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const data = join(folder, "data");
  if (await exists(data)) return;
  const fresh = join(folder, "data.new");
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  const made = await runToEnd(
    installer,
    [
      "--no-defaults",
      ...asUser(),
      `--datadir=${fresh}`,
      // Root only through the socket, by whoever runs the server: in a mesh every caller comes from 127.0.0.x.
      "--auth-root-authentication-method=socket",
      "--skip-test-db",
      "--skip-name-resolve",
      `--extra-file=${SCHEMA}`,
      "--innodb-buffer-pool-size=16M",
    ],
    signal,
  );
  if (made.code !== 0) {
    const said = made.said.trim().split("\n").slice(-12).join("\n");
    throw new Error(`mariadb-install-db could not make ${fresh} (exit ${made.code}); it said:\n${said}`);
  }
  await rename(fresh, data);
}

function runToEnd(
  program: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const run = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal === undefined ? {} : { signal }),
    });
    let said = "";
    for (const stream of [run.stdout, run.stderr])
      stream.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    run.once("error", (error) => (said += error.message));
    run.once("close", (code) => resolve({ code, said }));
  });
}

async function findProgram(env: Env, name: string, more: readonly string[]): Promise<string> {
  for (const folder of [...(env["PATH"] ?? "").split(delimiter).filter(Boolean), ...more]) {
    if (await exists(join(folder, name))) return join(folder, name);
  }
  throw new Error(`${name} is not installed; on Debian and Ubuntu: apt-get install mariadb-server`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function runDatabase(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());
  try {
    const database = await startDatabase(process.env, stop.signal);
    stop.signal.addEventListener("abort", () => database.process.kill("SIGTERM"));
    const { code } = await database.ended;
    process.exitCode = code ?? 1;
  } catch (error) {
    if (stop.signal.aborted) return;
    process.stderr.write(`mariadb: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

if (import.meta.main) await runDatabase();
