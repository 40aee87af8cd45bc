import { railGroups } from "./rail-entries.ts";

/** What an address says of its page: path below the console's prefix, the parts of it that vary, and its search. */
export interface Place {
  readonly path: string;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly search: Readonly<Record<string, unknown>>;
}

/**
 * What a page is called in tabs, bookmarks and the history: the thing first, since tabs are cut at their end.
 * @returns `reviews-v1 logs · Workloads · Weft`.
 */
export function titleOf({ path, params, search }: Place): string {
  const page = railGroups.flat().find(({ to }) => path === to || path.startsWith(`${to}/`))?.label;
  const thing = thingOf(path, params);
  const tab = typeof search["tab"] === "string" ? search["tab"] : undefined;
  const named = thing !== undefined && tab ? `${thing} ${tab}` : thing;
  return [named, page, "Weft"].filter((part) => part !== undefined && part !== "").join(" · ");
}

function thingOf(path: string, params: Place["params"]): string | undefined {
  const { _splat: rest, type, name } = params;
  if (path.includes("/edge/") && rest) {
    const [source = "", target = ""] = rest.split(">");
    return `${nameOf(source)} to ${nameOf(target)}`;
  }
  if (rest) return nameOf(rest);
  if (type && name) return `${type.split(".")[0]} ${name}`;
  if (path.startsWith("/config/new")) return params["wizard"]?.replaceAll("-", " ") ?? "new";
  if (path === "/config/changes") return "changes";
  return name ?? params["code"] ?? params["id"] ?? params["request"];
}

/** `reviews-v1` of `workload/default/reviews-v1`; a version goes with its app. */
function nameOf(id: string): string {
  const [kind, , name = "", version] = id.split("/");
  if (name === "") return id.split("/").at(-1) ?? id;
  return kind === "app" && version ? `${name} ${version}` : name;
}
