// Runs as root in a network namespace of its own: a Pod, with another namespace beside it that stands for the rest of the world. Reads rules and
// calls as JSON from standard input, loads the rules as the init container does, and prints who answered each call.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";

/** A connection: where from, to, and as which user. */
export interface Call {
  readonly from: "pod" | "world";
  readonly to: string;
  readonly port: number;
  readonly uid?: number;
  /** As `uid` where absent. */
  readonly gid?: number;
  /** Source address. */
  readonly source?: string;
}

export interface Round {
  /** As the arguments of `/usr/sbin/nft`. */
  readonly args: readonly string[];
  readonly calls: readonly Call[];
}

const addresses = { pod: ["10.9.0.2", "fd09::2"], world: ["10.9.0.1", "fd09::1"] };

function run(...[command, ...args]: readonly [string, ...string[]]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
}

/** Says its port to whoever connects: which of the listeners it was. */
async function listen(...ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const server = createServer((socket) => socket.on("error", () => {}).end(`${port}`)).listen(port, "::");
    await once(server, "listening");
  }
}

/** Port of the listener that answered; what went wrong else. One at a time: all of this process is the user meanwhile. */
async function call({ to, port, source, uid = 0, gid = uid }: Call): Promise<string> {
  process.setegid?.(gid);
  process.seteuid?.(uid);
  const said = await new Promise<string>((resolve) => {
    const socket = connect({ host: to, port, ...(source === undefined ? {} : { localAddress: source }) });
    let heard = "";
    socket.on("data", (chunk) => {
      heard += chunk;
    });
    socket.on("close", () => resolve(heard));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  process.seteuid?.(0);
  process.setegid?.(0);
  return said;
}

async function world(): Promise<void> {
  await listen(80, 3306);
  const lines = createInterface({ input: process.stdin });
  process.stdout.write("listening\n");
  for await (const line of lines) process.stdout.write(`${await call(JSON.parse(line) as Call)}\n`);
}

async function pod(): Promise<void> {
  const beside = spawn("unshare", ["--net", "--", process.execPath, import.meta.filename, "world"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = createInterface({ input: beside.stdout })[Symbol.asyncIterator]();
  run("ip", "link", "set", "lo", "up");
  run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1");
  // It listens in its own namespace already.
  await answers.next();
  run("ip", "link", "set", "eth1", "netns", String(beside.pid));
  const there = ["nsenter", `--net=/proc/${beside.pid}/ns/net`] as const;
  for (const [enter, device, list] of [
    [[], "eth0", addresses.pod],
    [there, "eth1", addresses.world],
  ] as const) {
    const ip = (...args: readonly string[]) => run(...([...enter, "ip", ...args] as unknown as [string, ...string[]]));
    ip("link", "set", device, "up");
    ip("addr", "add", `${list[0]}/24`, "dev", device);
    ip("-6", "addr", "add", `${list[1]}/64`, "dev", device, "nodad");
  }
  // What is on no link goes through the world, too.
  run("ip", "route", "add", "default", "via", addresses.world[0] as string);
  run("nsenter", `--net=/proc/${beside.pid}/ns/net`, "ip", "addr", "add", "10.96.0.10/32", "dev", "lo");
  run("nsenter", `--net=/proc/${beside.pid}/ns/net`, "ip", "link", "set", "lo", "up");
  await listen(9080, 15001, 15006, 15020, 15021, 15090);
  const rounds = createInterface({ input: process.stdin });
  for await (const line of rounds) {
    const { args, calls } = JSON.parse(line) as Round;
    // Twice, as after a restart of the Pod's sandbox.
    for (let i = 0; i < 2; i++) run("/usr/sbin/nft", ...args);
    const heard: string[] = [];
    for (const each of calls) {
      if (each.from === "pod") heard.push(await call(each));
      else {
        beside.stdin.write(`${JSON.stringify(each)}\n`);
        heard.push(String((await answers.next()).value));
      }
    }
    process.stdout.write(`${JSON.stringify(heard)}\n`);
  }
  beside.kill();
  process.exit(0);
}

if (process.argv[1] === import.meta.filename) await (process.argv[2] === "world" ? world() : pod());
