import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { portable, restorePlace } from "../../install/bundle.ts";
import type { KubeObject } from "../../install/object.ts";
import { isObject } from "../../install/values.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { Session } from "../session.ts";

/** YAML that reads the same by 1.1 (kubectl) and by 1.2. */
const yaml = { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false } as const;

/** `weft-bundle-20261121T214200Z.yaml`. */
export function bundleName(now: number): string {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  return `weft-bundle-${time}.yaml`;
}

/** Writes objects that `weft restore` puts back; only this user can read the file, and an older one is never overwritten. Throws a CliError. */
export function writeBundle(file: string, objects: readonly KubeObject[], context: string, session: Session): void {
  const { clock, cwd } = session.deps;
  const head = `# Weft in ${context}, ${new Date(clock.now()).toISOString()}: weft restore FILE puts it back.\n`;
  const ordered = objects.map(portable).sort((a, b) => restorePlace(a) - restorePlace(b));
  const text = head + ordered.map((object) => `---\n${stringify(object, yaml)}`).join("");
  try {
    writeFileSync(resolve(cwd, file), text, { mode: 0o600, flag: "wx", flush: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EEXIST" ? "there is such a file already" : `cannot be written (${code})`;
    throw new CliError(exitCodes.noInput, `${file}: ${why}`, "name another with --bundle FILE; nothing was taken away");
  }
}

/** Reads a bundle. Throws a CliError that says where it is no bundle. */
export function readBundle(file: string, cwd: string): readonly KubeObject[] {
  let text: string;
  try {
    text = readFileSync(resolve(cwd, file), "utf8");
  } catch (error) {
    throw new CliError(exitCodes.noInput, `${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return parseAllDocuments(text, { version: "1.1" }).flatMap((document) => {
    const [error] = document.errors;
    const line = (offset: number) => text.slice(0, offset).split("\n").length;
    if (error !== undefined) throw new CliError(exitCodes.badData, `${file}:${line(error.pos[0])} ${error.message}`);
    const object = document.toJS() as unknown;
    if (object === null) return [];
    if (!isObject(object) || !isObject(object["metadata"]) || typeof object["kind"] !== "string")
      throw new CliError(exitCodes.badData, `${file}:${line(document.range[0])} this is no object of a cluster`);
    return [object as unknown as KubeObject];
  });
}
