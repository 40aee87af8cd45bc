import type { Command, Option } from "commander";
import type { ProxySummary } from "../../api/cli-contract.ts";
import type { ConfigObject } from "../../api/contract/config.ts";
import { ApiClient } from "../client.ts";
import type { CommandEntry, CommandModule, Place } from "../command-module.ts";
import type { CliDeps } from "../deps.ts";
import { kindWords, parseKind } from "../kinds.ts";
import type { Session } from "../session.ts";
import { whichMesh } from "../which.ts";

/** One suggestion. */
export interface Candidate {
  readonly word: string;
  readonly says: string;
}

/** What to offer: words, or the shell's own files or folders. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly shell?: "files" | "folders";
}

/** The program, handed in: it loads this file. */
export interface Tree {
  readonly createProgram: (
    argv: readonly string[],
    deps: CliDeps,
  ) => Promise<{ readonly program: Command; readonly session: Session }>;
  readonly findCommand: (name: string) => CommandEntry | undefined;
}

/** How long a shell's user may be kept waiting for names from the control plane. */
const askMs = 1500;

const nothing: Completion = { candidates: [] };

/**
 * What the completion scripts call: `weft __complete -- WORD...`, the last being the one to complete. Prints a line `word<TAB>what it is` for each
 * candidate; `:files` or `:folders` for the shell's own.
 */
export async function answerShell(words: readonly string[], tree: Tree, deps: CliDeps): Promise<number> {
  const { candidates, shell } = await complete(words, tree, deps);
  const lines = candidates.map(({ word, says }) => `${word}\t${says.split("\n")[0]}\n`);
  deps.stdout.write(lines.join("") + (shell === undefined ? "" : `:${shell}\n`));
  return 0;
}

/** Completes the last of `words`, the words after `weft`. Never throws: without a control plane there are no dynamic names. */
export async function complete(words: readonly string[], tree: Tree, deps: CliDeps): Promise<Completion> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const { program, session } = await tree.createProgram(before, deps);
  const walked = walk(program, before);
  const { command, operands, waiting } = walked;
  const entry = command === program ? undefined : tree.findCommand(topOf(command, program).name());
  const module = entry === undefined ? undefined : await entry.load();
  const inline = /^(--[^=]+)=(.*)$/.exec(current);
  if (inline !== null) {
    const option = findOption(command, inline[1] ?? "");
    const found = option === undefined ? nothing : await ofOption(option, module, operands, before, session);
    const candidates = found.candidates.map((c) => ({ ...c, word: `${inline[1]}=${c.word}` }));
    return { candidates: starting(candidates, current) };
  }
  if (waiting !== undefined) return limited(await ofOption(waiting, module, operands, before, session), current);
  if (current.startsWith("-")) return { candidates: starting(flagsOf(command), current) };
  const subcommands = command.commands;
  if (subcommands.length > 0 && operands.length === 0)
    return {
      candidates: starting(
        subcommands.map((c) => ({ word: c.name(), says: c.summary() })),
        current,
      ),
    };
  const places = module?.places ?? [];
  const place = places[Math.min(operands.length, places.length - 1)];
  if (place === undefined) return nothing;
  return limited(await ofPlace(place, operands, before, session), current);
}

interface Walked {
  readonly command: Command;
  readonly operands: readonly string[];
  /** The option whose value is to come. */
  readonly waiting?: Option;
}

function walk(program: Command, words: readonly string[]): Walked {
  let command: Command = program;
  let operands: string[] = [];
  let waiting: Option | undefined;
  for (const word of words) {
    if (waiting !== undefined) {
      waiting = undefined;
      continue;
    }
    if (word.startsWith("-") && word !== "-") {
      const option = findOption(command, word);
      if (option?.required && !word.includes("=")) waiting = option;
      continue;
    }
    const sub =
      operands.length === 0 ? command.commands.find((c) => c.name() === word || c.aliases().includes(word)) : undefined;
    if (sub !== undefined) {
      command = sub;
      operands = [];
    } else operands.push(word);
  }
  return { command, operands, ...(waiting === undefined ? {} : { waiting }) };
}

function topOf(command: Command, program: Command): Command {
  let at = command;
  while (at.parent !== null && at.parent !== program) at = at.parent;
  return at;
}

function optionsOf(command: Command): Option[] {
  const found: Option[] = [];
  for (let c: Command | null = command; c !== null; c = c.parent) found.push(...c.options);
  return found;
}

function findOption(command: Command, word: string): Option | undefined {
  const flag = word.split("=", 1)[0];
  return optionsOf(command).find((o) => o.long === flag || o.short === flag);
}

function flagsOf(command: Command): Candidate[] {
  const options = optionsOf(command).filter((o) => !o.hidden && o.long !== undefined);
  return [
    ...options.map((o) => ({ word: o.long as string, says: o.description })),
    { word: "--help", says: "show this help" },
  ];
}

/** Values of options that many commands have. */
const ofEvery: Readonly<Record<string, Place>> = {
  namespace: "namespace",
  istioNamespace: "namespace",
  context: "context",
  kubeconfig: "file",
};

async function ofOption(
  option: Option,
  module: CommandModule | undefined,
  operands: readonly string[],
  before: readonly string[],
  session: Session,
): Promise<Completion> {
  if (option.argChoices !== undefined) return { candidates: option.argChoices.map((word) => ({ word, says: "" })) };
  const name = option.long?.slice(2) ?? "";
  const place = module?.values?.[name] ?? ofEvery[name];
  return place === undefined ? nothing : ofPlace(place, operands, before, session);
}

async function ofPlace(
  place: Place,
  operands: readonly string[],
  before: readonly string[],
  session: Session,
): Promise<Completion> {
  if (place === "file") return { candidates: [], shell: "files" };
  if (place === "folder") return { candidates: [], shell: "folders" };
  if (place === "nothing") return nothing;
  if (typeof place !== "string") return { candidates: place.map((word) => ({ word, says: "" })) };
  if (place === "code") {
    const { explainedCodes } = await import("../../analysis/explanations.ts");
    return { candidates: explainedCodes().map(({ code, title }) => ({ word: code, says: title })) };
  }
  if (place === "analyzer") {
    const { analyzers } = await import("../../analysis/analyzers/list.ts");
    return { candidates: analyzers.map((a) => ({ word: a.name, says: a.description })) };
  }
  try {
    return { candidates: await namesOf(place, operands, before, session) };
  } catch {
    return nothing;
  }
}

export type Dynamic = "pod" | "proxy" | "kind" | "object" | "namespace" | "context";

async function namesOf(
  place: Dynamic,
  operands: readonly string[],
  before: readonly string[],
  session: Session,
): Promise<Candidate[]> {
  const kubeconfig = valueIn(before, "--kubeconfig");
  const context = valueIn(before, "--context");
  const flags = { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) };
  if (place === "context") return (await import("./cluster-names.ts")).contexts(flags, session.deps);
  const which = await whichMesh(valueIn(before, "--server"), flags, session.deps);
  const inNamespace = valueIn(before, "-n") ?? valueIn(before, "--namespace");
  if (which.kind === "cluster")
    return (await import("./cluster-names.ts")).clusterNames(place, flags, inNamespace, session.deps, askMs);
  const { target } = which;
  const client = new ApiClient(target, AbortSignal.any([session.deps.interrupted, AbortSignal.timeout(askMs)]), askMs);
  const namespace = valueIn(before, "-n") ?? valueIn(before, "--namespace");
  if (place === "pod" || place === "proxy") {
    const { items } = await client.get<{ readonly items: readonly ProxySummary[] }>("proxies");
    const seen = items.filter((p) => namespace === undefined || p.namespace === namespace);
    const names = [...new Set(seen.map((p) => p.workload))];
    if (place === "proxy")
      return [
        ...names.map((word) => ({ word, says: "a workload" })),
        ...seen.map((p) => ({ word: p.id, says: p.workload })),
      ];
    const workloads = names.map((w) => ({
      word: `deployment/${w}`,
      says: "every pod of it",
    }));
    return [...seen.map((p) => ({ word: p.pod, says: p.workload })), ...workloads];
  }
  const objects = await client.get<readonly ConfigObject[]>("config");
  if (place === "namespace")
    return [...new Set(objects.map((o) => o.namespace).filter((n) => n !== ""))]
      .sort()
      .map((word) => ({ word, says: "" }));
  const present = [...new Set(objects.map((o) => o.type))];
  if (place === "kind") return kindWords(present).map((word) => ({ word, says: "" }));
  const type = parseKind(operands[0] ?? "", present);
  return objects
    .filter((o) => o.type === type && (namespace === undefined || o.namespace === namespace))
    .map((o) => ({ word: o.name, says: o.at }));
}

function valueIn(words: readonly string[], flag: string): string | undefined {
  const at = words.lastIndexOf(flag);
  return at >= 0 ? words[at + 1] : words.find((w) => w.startsWith(`${flag}=`))?.slice(flag.length + 1);
}

function limited(completion: Completion, prefix: string): Completion {
  return { ...completion, candidates: starting(completion.candidates, prefix) };
}

function starting(candidates: readonly Candidate[], prefix: string): Candidate[] {
  return candidates.filter((c) => c.word.startsWith(prefix));
}
