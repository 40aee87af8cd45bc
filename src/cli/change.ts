import { dirname, resolve } from "node:path";
import type { AppliedObject, ApplyAnswer } from "../api/contract/apply.ts";
import type { Resource } from "../model/resource.ts";
import type { ApiClient } from "./client.ts";
import { parseDuration } from "./duration.ts";
import { CliError, exitCodes } from "./exit.ts";
import type { Input } from "./inputs.ts";
import { objectName } from "./kinds.ts";
import { type Format, renderListing } from "./output/format.ts";
import type { Session } from "./session.ts";
import { type Changed, type Named, readBefore, undoCommand, undoFolder } from "./undo.ts";

export interface ChangeFlags {
  readonly dryRun?: boolean;
  /** `true` where no duration was said. */
  readonly wait?: string | true;
  readonly output: Format;
}

/** Applies or deletes the objects of some texts, prints what became of each, how to take it back, and sets the exit code. */
export async function change(
  verb: "apply" | "delete",
  inputs: readonly Input[],
  flags: ChangeFlags,
  session: Session,
): Promise<void> {
  const files = inputs.map(({ file }) => `-f ${file}`).join(" ");
  const client = await session.addressed(({ context }) => `kubectl --context ${context} ${verb} ${files}`);
  const dryRun = flags.dryRun ?? false;
  const waitMs =
    flags.wait === undefined ? undefined : parseDuration("--wait", flags.wait === true ? "30s" : flags.wait);
  const named = await objectsIn(inputs);
  const before = dryRun ? { objects: new Map() } : await readBefore(client, named);
  const answers: ApplyAnswer[] = [];
  for (const [i, input] of inputs.entries()) {
    const wait = i === inputs.length - 1 ? waitMs : undefined;
    answers.push(await send(client, verb, input, { dryRun, wait, cwd: session.deps.cwd, undo: undoFolder(session) }));
  }
  const objects = answers.flatMap((a) => a.objects);
  if (flags.output === "table" || flags.output === "wide") print(objects, dryRun, session);
  else
    session.out(
      await renderListing({ kind: "ChangeList", items: objects, columns: [], name: (o) => o.name }, flags.output),
    );
  tell(objects, session);
  const undo = dryRun ? undefined : undoCommand(before, changedOf(objects, named), session);
  if (undo !== undefined) session.say(`undo: ${undo}`);
  session.exitCode = exitCode(objects, answers.at(-1), session);
}

async function send(
  client: ApiClient,
  verb: "apply" | "delete",
  input: Input,
  options: { readonly dryRun: boolean; readonly wait: number | undefined; readonly cwd: string; readonly undo: string },
): Promise<ApplyAnswer> {
  const folder = dirname(resolve(options.cwd, input.file));
  const query = {
    // What an undo file brings back is started from where it was started before.
    ...(verb === "apply" && input.file !== "-" && folder !== options.undo ? { folder } : {}),
    ...(options.dryRun ? { dryRun: "true" } : {}),
    ...(options.wait === undefined ? {} : { wait: `${options.wait}ms` }),
  };
  const { body } = await client.post<ApplyAnswer>(verb, input.text, query, {
    also: [422, 504],
    waitMs: options.wait ?? 0,
  });
  const objects = body.objects.map((object) => ({
    ...object,
    diagnostics: object.diagnostics.map((d) => ({ ...d, at: inFile(d.at, input.file) })),
  }));
  return { ...body, objects };
}

/** The control plane saw a text without a name: its places are places in this file. */
function inFile(at: string, file: string): string {
  const place = /:(\d+(?::\d+)?)$/.exec(at);
  return place === null ? file : `${file}:${place[1]}`;
}

/** Objects that texts name, as far as they can be read. */
async function objectsIn(inputs: readonly Input[]): Promise<readonly Resource[]> {
  const { readText } = await import("../sources/text/text.ts");
  return inputs.flatMap((input) =>
    readText(input.file, input.text, () => [], undefined, input.found).flatMap((r) => [...r.resources, ...r.refused]),
  );
}

function changedOf(objects: readonly AppliedObject[], named: readonly Named[]): Changed[] {
  return objects.flatMap(({ name, namespace, outcome }) => {
    if (outcome !== "created" && outcome !== "configured" && outcome !== "deleted") return [];
    const object = named.find((n) => objectName(n) === name && n.namespace === namespace);
    return object === undefined ? [] : [{ type: object.type, namespace, name: object.name, outcome }];
  });
}

/** What became of objects, and how many proxies have it; sets the exit code. */
export function printOutcome(answer: ApplyAnswer, session: Session): void {
  print(answer.objects, answer.dryRun, session);
  tell(answer.objects, session);
  session.exitCode = exitCode(answer.objects, answer, session);
}

function print(objects: readonly AppliedObject[], dryRun: boolean, session: Session): void {
  for (const { name, namespace, outcome } of objects) {
    const where = namespace === "" || namespace === "default" ? "" : ` in ${namespace}`;
    session.out(`${name}${where} ${outcome}${dryRun ? " (dry run)" : ""}\n`);
  }
}

function tell(objects: readonly AppliedObject[], session: Session): void {
  const colors = session.errorColors;
  for (const object of objects) {
    for (const d of object.diagnostics) {
      const paint = d.level === "Error" ? colors.red : d.level === "Warning" ? colors.yellow : colors.cyan;
      const field = d.field === undefined ? "" : `${d.field}: `;
      session.say(`${d.at} ${paint(d.level.toLowerCase())} ${d.code} ${field}${d.message}${d.fix ? `; ${d.fix}` : ""}`);
    }
  }
}

function exitCode(objects: readonly AppliedObject[], last: ApplyAnswer | undefined, session: Session): number {
  const nothingTaken = objects.every((o) => o.outcome === "refused" || o.outcome === "not found");
  const wait = nothingTaken ? undefined : last?.wait;
  if (wait !== undefined) {
    const missing = wait.waitingFor.slice(0, 3).join(", ");
    session.say(
      wait.done
        ? `${wait.synced} of ${wait.total} proxies have it`
        : missing === ""
          ? "the control plane has not read it yet. The change stays."
          : `${wait.synced} of ${wait.total} proxies have it; waiting for ${missing}${wait.waitingFor.length > 3 ? ", ..." : ""}. The change stays.`,
    );
  }
  if (objects.some((o) => o.outcome === "refused")) return exitCodes.badData;
  if (objects.some((o) => o.outcome === "not found")) return exitCodes.notFound;
  return wait !== undefined && !wait.done ? exitCodes.timeout : exitCodes.ok;
}

/** `-f` is needed. */
export function needFiles(files: readonly string[], verb: string): void {
  if (files.length === 0)
    throw new CliError(
      exitCodes.usage,
      `weft ${verb}: nothing to ${verb}`,
      `name files or folders: weft ${verb} -f FILE`,
    );
}
