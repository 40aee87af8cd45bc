import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Log } from "../std/log.ts";
import type { Store } from "../store/store.ts";
import { threadStore } from "../store/thread/thread-store.ts";

const source = join(import.meta.dirname, "history-worker.ts");

/** From the sources, or built (scripts/build.mjs). */
const program = existsSync(source) ? source : join(import.meta.dirname, "history.js");

/** Traffic's history in a file, kept by a thread of its own: the one that answers proxies does not wait for the disk. */
export function startHistory(path: string, log: Log): Store {
  return threadStore({
    log,
    start(onEnd) {
      const worker = new Worker(program, { workerData: { path } });
      worker.unref();
      worker.on("error", (error) => onEnd(error instanceof Error ? error : new Error(String(error))));
      worker.on("exit", () => onEnd(undefined));
      return {
        post(message, moved = []) {
          // The program may end with history half a look behind, but not while it waits for the last of it.
          if (message.kind === "close") worker.ref();
          worker.postMessage(message, moved);
        },
        listen: (take) => worker.on("message", take),
      };
    },
  });
}
