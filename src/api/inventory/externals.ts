import { all, type Snapshot } from "../../model/snapshot.ts";
import { types } from "../../model/types.ts";
import type { ExternalItem } from "../contract/inventory.ts";
import type { MeasuredEdge } from "../edges.ts";
import { parseNodeId } from "../ends.ts";
import { answerVerdict, type Verdict } from "../health.ts";
import { summaryOf } from "../workloads.ts";
import { refOf } from "./objects.ts";

interface EntrySpec {
  readonly hosts?: readonly string[];
  readonly location?: string;
}

/** Hosts outside of the mesh: those that a ServiceEntry names, and those that somebody calls without one. */
export function externalsOf(snapshot: Snapshot, edges: readonly MeasuredEdge[]): ExternalItem[] {
  const called = Map.groupBy(
    edges.filter((e) => parseNodeId(e.target).type === "external"),
    (e) => parseNodeId(e.target).name,
  );
  const entries = new Map(
    all(snapshot, types.ServiceEntry).flatMap((entry) => {
      const { hosts = [], location } = entry.spec as EntrySpec;
      return location === "MESH_INTERNAL" ? [] : hosts.map((host) => [host, refOf(entry)] as const);
    }),
  );
  const hosts = [...new Set([...entries.keys(), ...called.keys()])].sort();
  return hosts.map((host) => {
    const own = called.get(host) ?? [];
    const entry = entries.get(host) ?? wildcard(host, entries);
    return {
      host,
      ...verdictOf(own, entry !== undefined),
      ...(entry === undefined ? {} : { entry }),
      outbound: summaryOf(own),
      bytes: {
        sent: own.reduce((n, e) => n + (e.bytesReceivedRate ?? 0), 0),
        received: own.reduce((n, e) => n + (e.bytesSentRate ?? 0), 0),
      },
      callers: [...new Set(own.map((e) => e.source))],
    };
  });
}

function wildcard<T>(host: string, entries: ReadonlyMap<string, T>): T | undefined {
  for (const [pattern, entry] of entries) if (pattern.startsWith("*.") && host.endsWith(pattern.slice(1))) return entry;
  return undefined;
}

function verdictOf(edges: readonly MeasuredEdge[], named: boolean): Verdict {
  const answers = answerVerdict(edges);
  if (answers) return answers;
  if (edges.length === 0) return { health: "unknown", sentence: "nobody called it lately" };
  return named
    ? { health: "healthy", sentence: "answers well" }
    : { health: "healthy", sentence: "answers well; no ServiceEntry names it" };
}
