import { Command, CommanderError, Option } from "commander";
import { commands, findCommand } from "./commands.ts";
import type { CliDeps } from "./deps.ts";
import { parseDuration } from "./duration.ts";
import { CliError, exitCodes } from "./exit.ts";
import { inOurWords } from "./istioctl-words.ts";
import { listOption } from "./options.ts";
import { type ColorChoice, colorsFor } from "./output/colors.ts";
import { type GlobalOptions, Session } from "./session.ts";

interface RawGlobals {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly istioNamespace?: string;
  readonly color: ColorChoice;
  readonly timeout: string;
  readonly debug?: boolean;
}

/** Widest line of help. */
const helpWidth = 80;

/** Runs one command line (without `node` and the program's name) and answers the exit code. Never throws, never exits. */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<number> {
  const globals = { color: "auto", timeout: "10s" } as RawGlobals;
  let program: Command | undefined;
  try {
    if (argv[0] === "__complete") {
      const { answerShell } = await import("./completion/complete.ts");
      return await answerShell(inOurWords(argv.slice(argv[1] === "--" ? 2 : 1)), { createProgram, findCommand }, deps);
    }
    const words = inOurWords(argv);
    const made = await createProgram(words, deps);
    program = made.program;
    await program.parseAsync([...words], { from: "user" });
    return made.session.exitCode;
  } catch (error) {
    return explainError(error, { ...globals, ...program?.opts<RawGlobals>() }, deps);
  }
}

/** The program with all its commands' names; options and action only of the command that `argv` names. */
export async function createProgram(
  argv: readonly string[],
  deps: CliDeps,
): Promise<{ readonly program: Command; readonly session: Session }> {
  const program = baseProgram(deps);
  const session = new Session(deps, () => globalsOf(program.opts<RawGlobals>()));
  const named = findCommand(firstOperand(argv) === "help" ? (secondOperand(argv) ?? "") : (firstOperand(argv) ?? ""));
  for (const entry of commands) {
    const command = program.command(entry.name, { hidden: entry.hidden ?? false });
    command
      .aliases([...(entry.aliases ?? [])])
      .summary(entry.summary)
      .helpGroup(entry.group);
    if (entry === named) (await entry.load()).define(command, session);
  }
  return { program, session };
}

function baseProgram(deps: CliDeps): Command {
  const program = new Command("weft")
    .description("A service mesh that you can reason about: Istio's YAML on stock Envoy.")
    .usage("COMMAND [options]")
    .version(deps.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => deps.stdout.write(text),
      writeErr: (text) => deps.stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => Math.min(helpWidth, deps.stdout.columns ?? helpWidth),
      getErrHelpWidth: () => helpWidth,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({
      showGlobalOptions: true,
      minWidthToWrap: 20,
      commandUsage,
      optionDescription,
      subcommandTerm: (c) => [c.name(), ...c.aliases()].join(", "),
    })
    .addOption(new Option("--server <url>", "the control plane (also WEFT_SERVER)"))
    .addOption(new Option("--token-file <file>", "who you are, where it asks for it (also WEFT_TOKEN)"))
    .addOption(new Option("--kubeconfig <file>", "a cluster's (also KUBECONFIG, ~/.kube/config)"))
    .addOption(new Option("--context <name>", "which of its clusters"))
    .addOption(new Option("--as <user>", "act on the cluster as another user"))
    .addOption(listOption("--as-group <group>", "and as one of this group").hideHelp())
    .addOption(new Option("-i, --istioNamespace <name>", "where Weft is installed (default: istio-system)"))
    .addOption(new Option("--timeout <duration>", "for each call to it").default("10s"))
    .addOption(new Option("--color <when>", "colours").choices(["auto", "always", "never"]).default("auto"))
    .addOption(new Option("--debug", "print stack traces"));
  const examples = [
    "weft up samples/bookinfo        run a mesh from a folder",
    "weft status                     what runs, and how it is",
    "weft analyze .                  what is wrong with my YAML",
    "weft proxy-config route POD     what a proxy was told",
  ];
  return program.addHelpText("beforeAll", ({ command }) =>
    command === program ? `Examples:\n${examples.map((line) => `  ${line}`).join("\n")}\n` : "",
  );
}

/** `how to print it: table, json (default: table)`. */
function optionDescription(option: Option): string {
  const choices = option.argChoices === undefined ? "" : `: ${option.argChoices.join(", ")}`;
  const { defaultValue } = option;
  const isSaid = typeof defaultValue === "string" || typeof defaultValue === "number";
  return `${option.description}${choices}${isSaid ? ` (default: ${defaultValue})` : ""}`;
}

/** `weft get [options] KIND [NAME...]`, without the parents' options. */
function commandUsage(command: Command): string {
  const names: string[] = [];
  for (let c: Command | null = command; c !== null; c = c.parent) names.unshift(c.name());
  return `${names.join(" ")} ${command.usage()}`.trim();
}

function globalsOf(raw: RawGlobals): GlobalOptions {
  return {
    color: raw.color,
    timeoutMs: parseDuration("--timeout", raw.timeout),
    ...(raw.server === undefined ? {} : { server: raw.server }),
    ...(raw.tokenFile === undefined ? {} : { tokenFile: raw.tokenFile }),
    kube: {
      ...(raw.kubeconfig === undefined ? {} : { kubeconfig: raw.kubeconfig }),
      ...(raw.context === undefined ? {} : { context: raw.context }),
      ...(raw.as === undefined ? {} : { as: raw.as }),
      asGroup: raw.asGroup ?? [],
    },
    installNamespace: raw.istioNamespace ?? "istio-system",
  };
}

/** The command's name: the first word that is neither an option of the program nor its value. */
export function firstOperand(argv: readonly string[]): string | undefined {
  return operands(argv)[0];
}

function secondOperand(argv: readonly string[]): string | undefined {
  return operands(argv)[1];
}

const takesValue = new Set([
  "--server",
  "--token-file",
  "--kubeconfig",
  "--context",
  "--as",
  "--as-group",
  "-i",
  "--istioNamespace",
  "--timeout",
  "--color",
]);

function operands(argv: readonly string[]): string[] {
  const found: string[] = [];
  for (let i = 0; i < argv.length && found.length < 2; i++) {
    const word = argv[i] ?? "";
    if (takesValue.has(word)) i++;
    else if (word === "--") break;
    else if (!word.startsWith("-")) found.push(word);
  }
  return found;
}

function explainError(error: unknown, globals: RawGlobals, deps: CliDeps): number {
  const colors = colorsFor(globals.color, deps.env, deps.stderr);
  const say = (line: string) => deps.stderr.write(`${line}\n`);
  if (globals.debug && error instanceof Error) say(error.stack ?? "");
  if (error instanceof CommanderError) {
    // Help and version end this way, too.
    if (error.exitCode === 0) return exitCodes.ok;
    if (error.code === "commander.help") return exitCodes.usage;
    say(`${colors.red("error:")} ${error.message.replace(/^error: /, "")}`);
    return exitCodes.usage;
  }
  if (error instanceof CliError) {
    if (error.exitCode === exitCodes.interrupted) return exitCodes.interrupted;
    say(`${colors.red("error:")} ${error.message}`);
    if (error.fix !== undefined) say(`${colors.dim("fix:")} ${error.fix}`);
    return error.exitCode;
  }
  if (deps.interrupted.aborted) return exitCodes.interrupted;
  const message = error instanceof Error ? error.message : String(error);
  say(`${colors.red("error:")} ${message}`);
  if (!globals.debug) say(`${colors.dim("this is a fault of Weft's; --debug shows where it happened")}`);
  return exitCodes.unexpected;
}
