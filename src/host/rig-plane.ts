import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import type { Log } from "../std/log.ts";
import { createHost } from "./host.ts";
import type { Door } from "./options.ts";
import { passThrough } from "./rig-envoy.ts";
import type { ServiceAddress } from "./services.ts";
import type { Mode } from "./state.ts";
import { enterUserNamespace } from "./userns.ts";

/** What a test's control plane is told at its start. */
export interface PlaneOptions {
  readonly stateDir: string;
  readonly mode: Mode;
  readonly envoyPath: string;
  readonly doors: readonly Door[];
}

/** What it is told later, a line of JSON each. */
export interface PlaneOrder {
  readonly objects?: readonly Omit<Resource, "origin">[];
  readonly names?: Readonly<Record<string, readonly string[]>>;
  readonly services?: readonly ServiceAddress[];
  /** File that the objects were read from: commands begin in its folder. */
  readonly file?: string;
}

/** A control plane that is nothing but a host: for tests that kill it. Says what happens on standard output, a line of JSON each. */
async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? "{}") as PlaneOptions;
  if (options.mode === "userns" && process.env["WEFT_OUTER_USER"] === undefined) {
    await enterUserNamespace(
      { stateDir: options.stateDir, doors: options.doors.map((door) => door.port) },
      process.argv.slice(1),
    );
  }
  const host = await createHost({
    ...options,
    xds: { port: 15012 },
    tokenFor: async () => "no.token.needed",
    trustDomain: "cluster.local",
    clock: {
      now: () => Date.now(),
      after(ms, run) {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    random: { next: Math.random, bytes: (length) => randomBytes(length) },
    log,
    bootstrapOverride: passThrough,
  });
  process.on("SIGTERM", async () => {
    await host.stop();
    say({ stopped: true });
    process.exit(0);
  });
  await host.start((event) => say({ event }));
  say({ ready: true, address: host.address });
  createInterface({ input: process.stdin }).on("line", (line) => {
    const order = JSON.parse(line) as PlaneOrder;
    if (order.names) host.setNames(new Map(Object.entries(order.names)));
    if (order.services) host.setServices(order.services);
    if (order.objects) {
      const file = order.file ?? "mesh.yaml";
      const origin = { file, line: 1, column: 1, at: `${file}:1:1`, locate: () => ({ file, line: 1, column: 1 }) };
      host.reconcile(
        apply(
          empty,
          order.objects.map((object) => ({ put: { ...object, origin } })),
        ),
      );
    }
  });
}

function say(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const write = (level: string) => (message: string, fields?: Record<string, unknown>) =>
  say({ log: level, message, ...fields });
const log: Log = {
  debug: write("debug"),
  info: write("info"),
  warn: write("warn"),
  error: write("error"),
  with: () => log,
};

await main().catch((error: unknown) => {
  say({ failed: (error as Error).message });
  process.exit(1);
});
