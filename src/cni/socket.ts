import { chmodSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import type { Log } from "../std/log.ts";
import { type Answer, type Question, questionOf, type StateQuestion } from "./protocol.ts";

/** A question is one Pod's annotations at most, which Kubernetes holds below 256 KiB, and a result. */
const longest = 1024 * 1024;

/** Nobody who is quiet for so long still wants an answer. */
const quietMs = 10_000;

type AnswerQuestion = (question: Question | StateQuestion) => Promise<Answer>;

export interface PluginSocket {
  /** Answers what is being asked, takes no more. */
  close(): Promise<void>;
}

/** Listens where only root of the host can ask. Each connection is one question and one answer. Rejects where it cannot listen. */
export async function listenForPlugin(path: string, answer: AnswerQuestion, log: Log): Promise<PluginSocket> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const own = `${path}.${process.pid}`;
  rmSync(own, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    void converse(socket, answer).catch((error: Error) => {
      log.warn("a question of the plugin came to nothing", { error: error.message });
      socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(own, resolve));
  chmodSync(own, 0o600);
  // In one step: the place is never empty while one agent follows another.
  renameSync(own, path);
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function converse(socket: Socket, answer: AnswerQuestion): Promise<void> {
  socket.setTimeout(quietMs, () => socket.destroy(new Error("nothing was asked")));
  socket.on("error", () => {}); // It reaches the loop below too.
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of socket as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length > longest) throw new Error("the question is too long");
  }
  socket.setTimeout(0);
  const said = await answered(Buffer.concat(parts).toString(), answer);
  socket.end(`${JSON.stringify(said)}\n`);
}

async function answered(text: string, answer: AnswerQuestion): Promise<Answer> {
  try {
    return await answer(questionOf(text));
  } catch (error) {
    return { error: (error as Error).message };
  }
}
