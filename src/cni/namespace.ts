import { readdir, stat } from "node:fs/promises";
import { join, normalize } from "node:path";
import type { RunProgram } from "./program.ts";

/** Network namespaces of this node's Pods. */
export interface NetworkNamespaces {
  /** The path under which the agent sees a namespace. Rejects with words where it cannot, and where it is the node's own. */
  place(path: string): Promise<string>;
  /** Loads rules into a namespace, all or none; they put themselves in the place of those that are there. */
  load(path: string, rules: string): Promise<void>;
  /** Whether Weft's rules are loaded in it. */
  hasRules(path: string): Promise<boolean>;
  /** Its addresses of both families, without loopback and link-local ones. */
  addresses(path: string): Promise<readonly string[]>;
  all(): Promise<readonly string[]>;
}

/** Of the magic links of `/proc`, and of what is mounted from them: the file system of namespaces has one device. */
const own = "/proc/self/ns/net";

/**
 * @param folder where the runtime keeps them: `/var/run/netns`. The agent itself must be in the node's network namespace.
 * @param table of Weft's rules in a Pod's namespace: `inet weft`
 * @param plugin our program, which tells addresses too
 */
export function networkNamespaces(
  { folder, table, plugin }: { readonly folder: string; readonly table: string; readonly plugin: string },
  run: RunProgram,
): NetworkNamespaces {
  const within = (path: string, ...argv: string[]) => ["nsenter", `--net=${path}`, ...argv];
  return {
    place: (path) => placeOf(folder, path),
    load: async (path, rules) => {
      await run(within(path, "nft", "-f", "-"), rules);
    },
    hasRules: async (path) => {
      const tables = await run(within(path, "nft", "list", "tables"));
      return tables.split("\n").includes(`table ${table}`);
    },
    addresses: async (path) => JSON.parse(await run(within(path, plugin, "addresses"))) as string[],
    all: async () => (await readdir(folder)).sort().map((name) => join(folder, name)),
  };
}

async function placeOf(folder: string, path: string): Promise<string> {
  const place = unlinked(normalize(path));
  const home = unlinked(normalize(folder)).replace(/\/$/, "");
  if (!place.startsWith(`${home}/`))
    throw new Error(
      `network namespace ${path} is not in ${folder}; set the chart's cni.netnsDir to the folder of your container runtime`,
    );
  const [theirs, ours] = await Promise.all([
    stat(place).catch(() => {
      throw new Error(`network namespace ${path} does not exist, as the agent sees it`);
    }),
    stat(own),
  ]);
  if (theirs.dev !== ours.dev)
    throw new Error(
      `${path} is no network namespace, as the agent sees it: its folder must be mounted with HostToContainer propagation`,
    );
  if (theirs.ino === ours.ino) throw new Error(`${path} is the node's own network namespace`);
  return place;
}

/** Runtimes say `/var/run` where others say `/run`; it is a link on every host that has both. */
function unlinked(path: string): string {
  return path.startsWith("/var/run/") ? path.slice("/var".length) : path;
}
