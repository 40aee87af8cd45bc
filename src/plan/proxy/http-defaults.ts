import type { HttpSettings } from "./http-settings.ts";

/**
 * Whose requests come in at a door: the workload's own application (`application`), somebody who calls the workload (`callers`), anybody who
 * finds a gateway (`anybody`), or peers of the mesh alone at a gateway (`peers`).
 */
export type Door = "application" | "callers" | "anybody" | "peers";

/**
 * Policies and routes judge the path that the server will read: `%2F`, `%5C`, `\` and `//` are one `/`. A server decodes these too, so what is
 * left alone here would be another path for the policy than for the server. Istio decodes nothing unless told so.
 */
const onePath: HttpSettings = { mergeSlashes: true, escapedSlashes: "UNESCAPE_AND_FORWARD" };

/**
 * What one client of a gateway may hold: bytes that wait, streams at once, time for its headers, and time to take an answer that is complete.
 * No stream that flows is ever cut, nor one that is silent. Source: Envoy's best practices for the edge.
 */
const bounds: HttpSettings = {
  bufferBytes: 32_768,
  requestHeadersMs: 60_000,
  flushMs: 300_000,
  maxStreams: 100,
  streamWindow: 65_536,
  connectionWindow: 1_048_576,
};

const defaults: Readonly<Record<Door, HttpSettings>> = {
  // No policy judges what leaves; and an application may mean `%2F` towards a server that nobody here knows.
  application: {},
  callers: onePath,
  // `X_Role` and `X-Role` are one header for many a server (CGI, WSGI), and two for a policy.
  anybody: { ...onePath, ...bounds, underscores: "REJECT_REQUEST" },
  peers: { ...onePath, ...bounds },
};

/** The settings of a door: what somebody said, and Weft's defaults for the rest. */
export function settingsAt(door: Door, said: HttpSettings): HttpSettings {
  return { ...defaults[door], ...said };
}
