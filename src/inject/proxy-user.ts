import { createHash } from "node:crypto";
import { proxyUser } from "../agent/capture.ts";
import type { Job } from "./context.ts";

/** Users that nobody is given by default; below 65536, as Pods with users of their own have no more. */
const users = { first: 30_000, count: 20_000 };

/**
 * The user that a Pod's Envoy runs as. A sidecar has one of its own: each Envoy holds up to four inotify instances, and Linux gives a user 128
 * on a node (fs.inotify.max_user_instances), which some thirty sidecars of one user would use up. Capture knows it by its group.
 */
export function proxyUserOf({ kind, drainKey }: Pick<Job, "kind" | "drainKey">): number {
  if (kind === "gateway") return proxyUser;
  return users.first + (createHash("sha256").update(`user ${drainKey}`).digest().readUInt32BE() % users.count);
}
