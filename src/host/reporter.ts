import type { Change, SourceEvent } from "../model/change.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Resource } from "../model/resource.ts";
import { types } from "../model/types.ts";
import type { Pod } from "./pod.ts";
import { runAnnotation, type Workload } from "./workload.ts";

/** Tells the Pods of this machine, and what is wrong with them, as a source does: each change once. */
export class Reporter {
  #listener: ((event: SourceEvent) => void) | undefined;
  /** Pod → what was told of it, without its generation. */
  readonly #told = new Map<string, { text: string; resource: Resource }>();
  #deployments: readonly Diagnostic[] = [];
  #doors: readonly Diagnostic[] = [];
  readonly #problems = new Map<string, Diagnostic>();
  #toldDiagnostics = "[]";

  start(listener: (event: SourceEvent) => void, pods: Iterable<Pod>): void {
    this.#listener = listener;
    const event = this.#event(pods);
    listener(event);
  }

  deployments(diagnostics: readonly Diagnostic[]): void {
    this.#deployments = diagnostics;
  }

  doors(problems: readonly string[]): void {
    this.#doors = problems.map((text) => {
      const [message = text, fix = "end what listens there, or choose another port"] = text.split("; ");
      return { code: "WEFT0706", level: "Error", message, fix };
    });
  }

  /** What is wrong about one subject now; undefined: nothing any more. */
  problem(
    subject: string,
    workload: Workload,
    what: { readonly code: string; readonly message: string; readonly fix: string } | undefined,
  ): void {
    if (what === undefined) return void this.#problems.delete(subject);
    const path = ["spec", "template", "metadata", "annotations", runAnnotation];
    const about = { type: types.Deployment, namespace: workload.namespace, name: workload.name };
    this.#problems.set(subject, { ...what, level: "Error", about, path, position: workload.origin.locate(path) });
  }

  tell(pods: Iterable<Pod>): void {
    if (this.#listener === undefined) return;
    const before = this.#toldDiagnostics;
    const event = this.#event(pods);
    if (event.changes.length > 0 || this.#toldDiagnostics !== before) this.#listener(event);
  }

  #event(pods: Iterable<Pod>): SourceEvent {
    const changes: Change[] = [];
    const gone = new Set(this.#told.keys());
    for (const pod of pods) {
      const resource = pod.resource();
      if (resource === undefined) continue;
      const key = `${resource.namespace}/${resource.name}`;
      gone.delete(key);
      const { labels, annotations, spec, status, data } = resource;
      const text = JSON.stringify([labels, annotations, spec, status, data]);
      const last = this.#told.get(key);
      if (last?.text === text) continue;
      const put = Object.freeze({ ...resource, generation: (last?.resource.generation ?? 0) + 1 });
      this.#told.set(key, { text, resource: put });
      changes.push({ put });
    }
    for (const key of gone) {
      const { type, namespace, name } = (this.#told.get(key) as { resource: Resource }).resource;
      this.#told.delete(key);
      changes.push({ remove: { type, namespace, name } });
    }
    const diagnostics = [...this.#deployments, ...this.#doors, ...this.#problems.values()];
    this.#toldDiagnostics = JSON.stringify(diagnostics);
    return { changes, diagnostics };
  }
}
