import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { nodeDisk } from "../sources/folder/disk.ts";
import { type Ignore, readIgnore } from "../sources/folder/ignore.ts";
import { CliError, exitCodes } from "./exit.ts";

/** A text to read: a file as the user named it, or standard input (`-`). */
export interface Input {
  readonly file: string;
  readonly text: string;
  /** Found in a folder: then JSON that is no object of Kubernetes (`package.json`) is passed over. */
  readonly found: boolean;
}

const readable = /\.(ya?ml|json)$/i;

/**
 * Reads what `-f` and `analyze` name: files, folders (recursively, by the rules of a watched folder: `.weftignore`, no dot files), `-` for standard input.
 * Throws where something is not there (66) or is not UTF-8 (65).
 */
export async function readInputs(
  names: readonly string[],
  cwd: string,
  readStdin: () => Promise<string>,
): Promise<Input[]> {
  const inputs: Input[] = [];
  for (const name of names) {
    if (name === "-") inputs.push({ file: "-", text: await readStdin(), found: false });
    else for (const file of filesOf(name, cwd)) inputs.push({ file, text: readText(file, cwd), found: file !== name });
  }
  return inputs;
}

function filesOf(name: string, cwd: string): string[] {
  const found = statSync(resolve(cwd, name), { throwIfNoEntry: false });
  if (found === undefined) throw new CliError(exitCodes.noInput, `${name}: there is no such file or folder`);
  if (!found.isDirectory()) return [name];
  return walk(name, "", ignoreOf(resolve(cwd, name)), cwd, new Set());
}

/** As a watched folder is read: no dot files, no node_modules, and what the `.weftignore` at its root leaves out. */
function walk(name: string, inside: string, ignored: Ignore, cwd: string, seen: Set<string>): string[] {
  const path = resolve(cwd, name);
  const real = nodeDisk.real(path);
  if (seen.has(real)) return [];
  seen.add(real);
  const children = nodeDisk.list(path);
  if (children === undefined) throw new CliError(exitCodes.noInput, `${name}: the folder cannot be read`);
  return children.flatMap((child) => {
    if (child.startsWith(".") || child === "node_modules") return [];
    const childInside = inside === "" ? child : `${inside}/${child}`;
    const kind = nodeDisk.stat(join(path, child))?.kind;
    if (ignored(childInside, kind === "folder")) return [];
    if (kind === "folder") return walk(join(name, child), childInside, ignored, cwd, seen);
    return kind === "file" && readable.test(child) ? [join(name, child)] : [];
  });
}

function ignoreOf(folder: string): Ignore {
  const path = join(folder, ".weftignore");
  return nodeDisk.stat(path)?.kind === "file" ? readIgnore(readFileSync(path, "utf8")) : () => false;
}

function readText(file: string, cwd: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(resolve(cwd, file));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new CliError(exitCodes.noInput, `${file}: cannot be read (${reason})`, "check its permissions");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CliError(exitCodes.badData, `${file}: the file is not UTF-8`, "save it as UTF-8");
  }
}
