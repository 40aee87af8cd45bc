// The port of xDS in a process of its own, so that what an attack costs it can be told from what it costs the attacker.

import { systemClock as clock } from "../../src/main/clock.ts";
import { log } from "../../src/xds/server.fixture.ts";
import { createXdsServer } from "../../src/xds/server.ts";

const body = Buffer.alloc(1 << 20, 1);
const big = { name: "a", version: "1", body, origins: [] };
const config = new Map([["type.googleapis.com/envoy.config.cluster.v3.Cluster", { resources: new Map([["a", big]]) }]]);
const server = createXdsServer<string>({
  clock,
  log,
  authenticate: async ({ headers: { authorization } }) => {
    if (authorization === "Bearer good") return { peer: "good" };
    if (authorization === "Bearer slow") await new Promise((resolve) => clock.after(60_000, () => resolve(undefined)));
    return { refusal: { status: 16, message: "no" } };
  },
  open: (session) => {
    session.push(config);
    return undefined;
  },
});
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
process.send?.({ port });
process.on("message", () => {
  globalThis.gc?.();
  process.send?.({ rss: process.memoryUsage().rss, sessions: server.sessions().length });
});
process.on("disconnect", () => process.exit());
