import { connect, type Socket } from "node:net";
import { connect as secure } from "node:tls";

/** Where to, and by which TLS if any. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer; readonly servername: string };
}

/** What came back until the other side closed, as latin1. */
export function untilClosed(target: Target, bytes: string | Buffer): Promise<string> {
  return answered(target, bytes, () => false);
}

/** What came back until the first answer was whole, or the other side closed. */
export function exchange(target: Target, bytes: string | Buffer): Promise<string> {
  return answered(target, bytes, isWhole);
}

function answered(target: Target, bytes: string | Buffer, enough: (answer: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = open(target);
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (enough(answer)) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
    socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  });
}

function isWhole(answer: string): boolean {
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length);
  return rest.length > 0 && (/^HTTP\/1.1 204/.test(head) || body.endsWith("0\r\n\r\n"));
}

export function open({ host, port, tls }: Target): Socket {
  if (tls === undefined) return connect({ host, port });
  return secure({ host, port, ...tls, checkServerIdentity: () => undefined, ALPNProtocols: ["http/1.1"] });
}

/** Status codes of the answers in what came back, one after the other; 100 is no answer. */
export const statuses = (answer: string): readonly number[] =>
  [...answer.matchAll(/(?:^|\r\n|\n|\})HTTP\/1\.[01] (\d{3})/g)].map((m) => Number(m[1])).filter((s) => s !== 100);

/** A GET that closes; `path` goes out byte by byte. */
export const get = (path: string, headers = ""): string =>
  `GET ${path} HTTP/1.1\r\nHost: app\r\nConnection: close\r\n${headers}\r\n`;

/** Does all of them, a few at a time. */
export async function each<T>(items: readonly T[], run: (item: T) => Promise<void>, width = 8): Promise<void> {
  const rest = [...items];
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = rest.pop(); item !== undefined; item = rest.pop()) await run(item);
    }),
  );
}
