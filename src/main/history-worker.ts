import { parentPort, workerData } from "node:worker_threads";
import { requestQuestions } from "../store/requests/request-questions.ts";
import { requestTable } from "../store/requests/request-table.ts";
import { spanQuestions } from "../store/spans/span-questions.ts";
import { spanTable } from "../store/spans/span-table.ts";
import type { ToThread } from "../store/thread/messages.ts";
import { serveStore } from "../store/thread/serve-store.ts";

/** The thread that keeps traffic's history: begun by `startHistory`, with the file's path. */
const port = parentPort;
if (port === null) throw new Error("this is a part of weft, not a program of its own");
serveStore(
  {
    post(message, moved = []) {
      port.postMessage(message, moved);
      if (message.kind === "closed") port.close();
    },
    listen: (take) => port.on("message", (message: ToThread) => take(message)),
  },
  {
    path: String((workerData as { readonly path: string }).path),
    tables: [spanTable, requestTable],
    questions: [...Object.values(spanQuestions), ...Object.values(requestQuestions)],
  },
);
