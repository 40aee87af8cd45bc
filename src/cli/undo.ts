import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigDetail, ConfigObject } from "../api/contract/config.ts";
import type { ApiClient } from "./client.ts";
import { objectPath } from "./commands/get.ts";
import { stateRoot } from "./registry.ts";
import type { Session } from "./session.ts";

/** Objects as they are before a change, to make the command that takes it back. */
export interface Before {
  readonly objects: ReadonlyMap<string, ConfigDetail>;
}

/** What a change did to one object. */
export interface Changed {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly outcome: "created" | "configured" | "deleted";
}

export type Named = Pick<Changed, "type" | "namespace" | "name">;

/** The most undo files that are kept. */
const kept = 50;

export function keyOf(object: Named): string {
  return `${object.type}/${object.namespace}/${object.name}`;
}

/** Reads the objects that a change will touch. */
export async function readBefore(client: ApiClient, named: readonly Named[]): Promise<Before> {
  const there = new Map((await client.get<readonly ConfigObject[]>("config")).map((o) => [keyOf(o), o]));
  const objects = new Map<string, ConfigDetail>();
  for (const object of named) {
    const key = keyOf(object);
    if (there.has(key) && !objects.has(key))
      objects.set(key, await client.get<ConfigDetail>(`config/${objectPath(object)}`));
  }
  return { objects };
}

/** Where undo files are. */
export function undoFolder(session: Session): string {
  return join(stateRoot(session.deps.env, session.deps.home), "undo");
}

/** Keeps what was there in a file of this user and answers the command that takes the change back; undefined where nothing changed. */
export function undoCommand(before: Before, changed: readonly Changed[], session: Session): string | undefined {
  const created = changed.filter((c) => c.outcome === "created");
  const lost = changed.flatMap((c) => (c.outcome === "created" ? [] : (before.objects.get(keyOf(c)) ?? [])));
  const folder = undoFolder(session);
  const stamp = new Date(session.deps.clock.now()).toISOString().replace(/[:.]/g, "-");
  const commands: string[] = [];
  const keep = (name: string, text: string) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${stamp}-${name}.yaml`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const server = session.options.server === undefined ? "" : ` --server ${session.options.server}`;
  if (created.length > 0) {
    const names = created.map(
      (c) => `${c.type.toLowerCase()}/${c.name}${c.namespace === "" ? "" : ` -n ${c.namespace}`}`,
    );
    commands.push(
      names.length === 1
        ? `weft delete ${names[0]}${server}`
        : `weft delete${server} -f ${keep("created", documents(created.map(identityYaml)))}`,
    );
  }
  if (lost.length > 0) commands.push(`weft apply${server} -f ${keep("before", documents(lost.map((o) => o.yaml)))}`);
  if (commands.length === 0) return undefined;
  forgetOld(folder);
  return commands.join(" && ");
}

function documents(texts: readonly string[]): string {
  return texts.map((text) => `---\n${text.replace(/^---\s*\n/, "").trimEnd()}\n`).join("");
}

function identityYaml({ type, namespace, name }: Changed): string {
  const dot = type.indexOf(".");
  const kind = dot < 0 ? type : type.slice(0, dot);
  const apiVersion = dot < 0 ? "v1" : `${type.slice(dot + 1)}/v1`;
  const metadata = [
    `  name: ${JSON.stringify(name)}`,
    ...(namespace === "" ? [] : [`  namespace: ${JSON.stringify(namespace)}`]),
  ];
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n${metadata.join("\n")}`;
}

function forgetOld(folder: string): void {
  try {
    const files = readdirSync(folder).sort();
    for (const file of files.slice(0, Math.max(0, files.length - kept))) rmSync(join(folder, file), { force: true });
  } catch {
    // Nothing was kept yet.
  }
}
