import { rmSync } from "node:fs";
import { createServer } from "node:http";
import { networkInterfaces } from "node:os";
import { call, closeKept } from "./calls.ts";
import { Ledger } from "./ledger.ts";
import { resolveName } from "./names.ts";
import { listen } from "./servers.ts";
import { Streams } from "./streams.ts";
import type { Order } from "./wire.ts";

// A workload of many tongues that also calls others when it is told to: node echo.ts FOLDER NAMESPACE/NAME. Orders come by a unix socket in FOLDER,
// so that they never pass the mesh.

const [folder = "", workload = ""] = process.argv.slice(2);
const ledger = new Ledger();
const streams = new Streams();
await listen({ folder, workload, ledger });

async function answer(path: string, body: string): Promise<unknown> {
  const [, verb, about = ""] = path.split("/");
  if (verb === "self")
    return {
      addresses: Object.values(networkInterfaces())
        .flat()
        .flatMap((i) => i?.address ?? []),
    };
  if (verb === "resolve") return { addresses: await resolveName(about) };
  if (verb === "seen") return ledger.of(about);
  if (verb === "forget") return closeKept();
  if (verb === "open") return streams.open((JSON.parse(body) as { order: Order }).order);
  if (verb === "say") return streams.say(about, body);
  if (verb === "end") return streams.end(about);
  const { order, times, parallel } = JSON.parse(body) as { order: Order; times: number; parallel: number };
  const outcomes: unknown[] = [];
  let started = 0;
  const worker = async () => {
    while (started++ < times) outcomes.push(await call(order));
  };
  await Promise.all(Array.from({ length: Math.min(parallel, times) }, worker));
  return outcomes;
}

const socket = `${folder}/${workload.replace("/", ".")}.sock`;
rmSync(socket, { force: true });
createServer(async (request, response) => {
  const told = await answer(request.url ?? "/", Buffer.concat(await request.toArray()).toString()).catch(
    (error: Error) => ({ fault: error.stack }),
  );
  response.end(JSON.stringify(told ?? {}));
}).listen(socket);
