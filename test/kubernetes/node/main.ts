// The first process of a node: node main.ts FOLDER ["IMAGE",...] COMMAND...
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { delimiter } from "node:path";
import { programFolder } from "../programs.ts";
import { separate } from "./place.ts";
import { startNode } from "./start.ts";

const [folder = "", images = "[]", command = "", ...args] = process.argv.slice(2);
// A terminal's Ctrl-C is for the command.
process.on("SIGINT", () => {});
await separate(folder);
const begun = performance.now();
const node = await startNode(folder, JSON.parse(images) as readonly string[]);
process.stderr.write(`cluster: up in ${((performance.now() - begun) / 1000).toFixed(1)} s (${folder})\n`);
const env = {
  ...process.env,
  KUBECONFIG: node.kubeconfig,
  WEFT_TEST_CLUSTER: folder,
  PATH: `${programFolder()}${delimiter}${process.env["PATH"] ?? ""}`,
};
const child = spawn(command, args, { stdio: "inherit", env });
child.on("error", (error) => {
  process.stderr.write(`${command}: ${error.message}\n`);
  process.exit(127);
});
const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
await node.stop();
process.exit(code ?? 128 + constants.signals[signal ?? "SIGKILL"]);
