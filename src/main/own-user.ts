import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";

/** Reads a file of /proc/net; rejects where there is none. */
type ReadText = (path: string) => Promise<string>;

/** Which user is at the other end of a connection of this machine, as the kernel has it. */
export interface OwnUser {
  /** Whether it is this user, or root; asked once for each connection. */
  at(socket: Pick<Socket, "remoteAddress" | "remotePort" | "localPort">): Promise<boolean>;
}

/**
 * Loopback is open to every user of the machine, but /proc/net/tcp names the owner of each of its sockets
 * (https://docs.kernel.org/networking/proc_net_tcp.html). What is not found there is nobody of ours.
 */
export function ownUser(uid = process.getuid?.(), read: ReadText = (path) => readFile(path, "utf8")): OwnUser {
  const known = new WeakMap<object, Promise<boolean>>();
  const look = async ({ remotePort = 0, localPort = 0 }: Pick<Socket, "remotePort" | "localPort">) => {
    const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map((path) => read(path).catch(() => "")));
    const owners = tables.flatMap((table) => ownersOf(table, remotePort, localPort));
    return owners.length > 0 && owners.every((owner) => owner === 0 || owner === uid);
  };
  return {
    at(socket) {
      const answer = known.get(socket) ?? look(socket);
      known.set(socket, answer);
      return answer;
    },
  };
}

/** Owners of sockets at port `from` that are connected with port `to`; on a loopback address all of them are of this machine. */
function ownersOf(table: string, from: number, to: number): readonly number[] {
  const ends = [from, to].map((port) => `:${port.toString(16).toUpperCase().padStart(4, "0")}`) as [string, string];
  return table.split("\n").flatMap((line) => {
    const [, local = "", remote = "", , , , , uid] = line.trim().split(/\s+/);
    return local.endsWith(ends[0]) && remote.endsWith(ends[1]) ? [Number(uid)] : [];
  });
}
