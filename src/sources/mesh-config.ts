import { type FSWatcher, readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { loadAll } from "js-yaml";
import type { Source, SourceEvent } from "../model/change.ts";
import { codes } from "../model/codes.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { FieldPath } from "../model/origin.ts";
import type { Resource } from "../model/resource.ts";
import type { Clock } from "../std/clock.ts";
import { deepFreeze } from "../std/plain.ts";
import { locate } from "./text/place.ts";

/** Quiet time after a save before it is read, in ms. */
const quietMs = 30;

/** What can be said of one object by itself. */
export type Judge = (resource: Resource) => readonly Diagnostic[];

/** Istio's MeshConfig in a file of YAML, watched. What does not parse or has an error is refused, and what it said before stays in force. */
export function meshConfigSource(file: string, clock: Clock, judge: Judge = () => []): Source {
  let watcher: FSWatcher | undefined;
  let cancel = () => {};
  return {
    name: `mesh config ${file}`,
    async start(listener) {
      listener(read(file, judge));
      watcher = watch(dirname(file), (_, name) => {
        if (name !== null && name !== basename(file)) return;
        cancel();
        cancel = clock.after(quietMs, () => listener(read(file, judge)));
      });
    },
    async stop() {
      cancel();
      watcher?.close();
    },
  };
}

function read(file: string, judge: Judge): SourceEvent {
  try {
    return readMeshConfig(file, readFileSync(file, "utf8"), judge);
  } catch (error) {
    return unreadable(file, error as Error);
  }
}

/** What a text of MeshConfig says, or what is wrong with it; then it changes nothing. `file`: where people find it; `defaults` count where it does not say. */
export function readMeshConfig(file: string, text: string, judge: Judge, defaults: object = {}): SourceEvent {
  try {
    // An empty text is no document, and says nothing.
    const value = loadAll(text)[0] ?? {};
    if (typeof value !== "object" || Array.isArray(value)) throw new Error("a MeshConfig is a map of settings");
    const put = resource(file, text, { ...defaults, ...value });
    const diagnostics = judge(put);
    const refused = diagnostics.some((d) => d.level === "Error");
    return { changes: refused ? [] : [{ put }], diagnostics };
  } catch (error) {
    return unreadable(file, error as Error);
  }
}

function unreadable(file: string, error: Error): SourceEvent {
  const message = `MeshConfig cannot be read: ${error.message.split("\n")[0]}`;
  const fix = "correct the file; what it said before stays in force";
  const position = { file, line: 1, column: 1 };
  return { changes: [], diagnostics: [{ code: codes.unreadable, level: "Error", position, message, fix }] };
}

function resource(file: string, text: string, spec: object): Resource {
  const position = { file, line: 1, column: 1 };
  const at = (path: FieldPath) => ({ file, ...locate(text, path) });
  const origin = { ...position, at: `${file}:1:1`, locate: at };
  return deepFreeze({
    type: "MeshConfig",
    apiVersion: "mesh.istio.io/v1alpha1",
    namespace: "",
    name: "istio",
    labels: {},
    annotations: {},
    createdAt: 0,
    generation: 1,
    spec,
    origin,
  });
}
