import { rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";

/** Lets tests lose a part of the node and have it back: a socket that takes `stop NAME` and `start NAME`, and answers `done` or what went wrong. */
export function openDoor(
  path: string,
  parts: Readonly<Record<string, { stop(): Promise<void>; start(): Promise<void> }>>,
): Server {
  rmSync(path, { force: true });
  const door = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    void text(socket)
      .then(async (said) => {
        const [verb = "", name = ""] = said.trim().split(" ");
        const part = parts[name];
        if (part === undefined || (verb !== "stop" && verb !== "start")) throw new Error(`not understood: ${said}`);
        await part[verb]();
        return "done";
      })
      .catch((error: Error) => error.message)
      .then((answer) => socket.end(answer));
  });
  return door.listen(path);
}
