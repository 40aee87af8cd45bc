import { KubernetesError } from "./error.ts";
import type { KubernetesObject } from "./object.ts";

/** One line of a stream. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubernetesObject;
}

/** Reads a line. Throws KubernetesError for an ERROR event, and for half a line. */
export function watchEvent(line: string): WatchEvent {
  try {
    return JSON.parse(line) as WatchEvent;
  } catch {
    // The connection was cut within a line.
    throw new KubernetesError(0, "Unreachable", "the stream broke off");
  }
}

/** Versions of one server are numbers that grow, though long ones. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions */
export function isOlder(a = "", b = ""): boolean {
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}
