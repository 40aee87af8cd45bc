import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import type { Discovery } from "../discovery/discovery.ts";
import { proxyOfNode } from "../discovery/node.ts";
import { bootstrapPatches } from "../discovery/resources/bootstrap.ts";
import { proxyKey } from "../discovery/resources/proxy.ts";
import { patchBootstrap } from "../envoy/patch/bootstrap.ts";
import { NodeSchema } from "../gen/envoy/config/core/v3/base_pb.js";
import type { Log } from "../std/log.ts";

const validateMs = 10_000;

export interface BootstrapPatchOptions {
  /** What Envoy says against a patched bootstrap; "" where it takes it, or where nobody can ask it. */
  readonly refusal: (bootstrap: JsonObject) => string;
  readonly trustDomain: string;
  readonly log: Log;
}

export interface BootstrapPatcher {
  /**
   * The bootstrap of a Pod's proxy after the patches that are for it. Before the mesh is known there are none. The node in it may not know its
   * namespace yet.
   */
  patch(bootstrap: Record<string, unknown>, pod: { readonly namespace: string }): Record<string, unknown>;
  follow(discovery: Discovery): void;
}

/** Applies patches of bootstraps as proxies start. One that Envoy refuses is left out: a proxy that cannot start would be the greater harm. */
export function bootstrapPatcher({ refusal, trustDomain, log }: BootstrapPatchOptions): BootstrapPatcher {
  /** Patches as JSON → what Envoy says against them; "" is nothing. */
  const known = new Map<string, string>();
  let discovery: Discovery | undefined;
  const patch = (bootstrap: Record<string, unknown>, pod: { readonly namespace: string }): Record<string, unknown> => {
    const tracker = discovery?.tracker;
    const node = within(bootstrap["node"] as JsonObject, pod.namespace);
    const proxy = proxyOfNode(fromJson(NodeSchema, node), {}, trustDomain);
    if (tracker === undefined || "refused" in proxy) return bootstrap;
    const key = proxyKey(proxy);
    const patches = tracker.ask(bootstrapPatches, key);
    tracker.release(bootstrapPatches, key);
    if (patches.length === 0) return bootstrap;
    const made = patchBootstrap(bootstrap as JsonObject, patches);
    const text = JSON.stringify(patches);
    const fault = known.get(text) ?? refusal(made);
    known.set(text, fault);
    if (fault === "") return made;
    log.error("a patched bootstrap is refused by Envoy; the proxy starts without the patches", {
      proxy: proxy.id,
      origins: [...new Set(patches.map((p) => p.origin))],
      error: fault,
    });
    return bootstrap;
  };
  return {
    patch,
    follow: (mesh) => {
      discovery = mesh;
    },
  };
}

function within(node: JsonObject, namespace: string): JsonObject {
  return { ...node, metadata: { ...(node["metadata"] as JsonObject), NAMESPACE: namespace } };
}

/** Asks an Envoy of this machine. */
export function envoyRefusal(envoyPath: string, bootstrap: JsonObject): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-bootstrap-"));
  const file = join(folder, "bootstrap.json");
  try {
    writeFileSync(file, JSON.stringify(bootstrap), { mode: 0o600 });
    const flags = ["--mode", "validate", "-c", file, "-l", "error", "--disable-hot-restart"];
    execFileSync(envoyPath, flags, { stdio: "pipe", timeout: validateMs });
    return "";
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? "").trim();
    const [, reason = said || (error as Error).message] =
      /error initializing configuration '[^']*': (.*)$/s.exec(said) ?? [];
    return reason.replace(/\s+/g, " ").slice(0, 500);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
