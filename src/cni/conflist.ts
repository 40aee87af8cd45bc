/** Our entry in a node's chain of plugins. */
export interface PluginEntry {
  /** Where the agent listens, as the host sees it. */
  readonly socket: string;
  /** In these no Pod is redirected: they start without the agent, which may be one of them. */
  readonly excludeNamespaces: readonly string[];
}

/** Of the program in the host's folder of plugins, and of our entry. */
export const pluginType = "weft-cni";

/** A network's configuration, as far as it concerns us. https://www.cni.dev/docs/spec/#configuration-format */
interface ConfList {
  readonly name: string;
  readonly cniVersion?: string;
  readonly plugins: readonly Readonly<Record<string, unknown>>[];
}

/**
 * The text of a network's configuration with our entry as the last plugin; everything else as it was. A `.conf`, which holds one plugin, becomes a
 * list of two. Undefined where the text is as it should be already. Throws an Error that says what is wrong with the text, such as half a file.
 */
export function withPlugin(text: string, entry: PluginEntry): string | undefined {
  const list = listOf(text);
  const own = {
    type: pluginType,
    // Runtimes hand the Pod's annotations to plugins that ask for them: who has no sidecar starts without the agent.
    capabilities: { "io.kubernetes.cri.pod-annotations": true },
    socket: entry.socket,
    excludeNamespaces: [...entry.excludeNamespaces],
  };
  const others = list.plugins.filter(({ type }) => type !== pluginType);
  const next = print({ ...list, plugins: [...others, own] });
  return same(text, next) ? undefined : next;
}

/** The text without our entry; undefined where there is none. Throws as `withPlugin`. */
export function withoutPlugin(text: string): string | undefined {
  const list = listOf(text);
  const others = list.plugins.filter(({ type }) => type !== pluginType);
  return others.length === list.plugins.length ? undefined : print({ ...list, plugins: others });
}

function listOf(text: string): ConfList {
  const value = JSON.parse(text) as Partial<ConfList> & Readonly<Record<string, unknown>>;
  if (Array.isArray(value?.plugins)) return value as ConfList;
  if (typeof value?.["type"] !== "string") throw new Error("it has neither plugins nor a type");
  const { name, cniVersion, ...plugin } = value;
  return { name: name ?? "", ...(cniVersion === undefined ? {} : { cniVersion }), plugins: [plugin] };
}

function print(list: ConfList): string {
  return `${JSON.stringify(list, null, 2)}\n`;
}

function same(a: string, b: string): boolean {
  return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
}
