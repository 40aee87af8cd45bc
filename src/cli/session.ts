import type { ApiClient } from "./client.ts";
import type { CliDeps } from "./deps.ts";
import { type ColorChoice, type Colors, colorsFor } from "./output/colors.ts";
import { findServer, type Target } from "./server.ts";

/** The options that every command takes. */
export interface GlobalOptions {
  readonly server?: string;
  readonly color: ColorChoice;
  readonly timeoutMs: number;
}

/** One run of the program: what a command writes to and asks of. */
export class Session {
  readonly deps: CliDeps;
  readonly #options: () => GlobalOptions;
  /** Set by a command that ends well with findings. */
  exitCode = 0;

  constructor(deps: CliDeps, options: () => GlobalOptions) {
    this.deps = deps;
    this.#options = options;
  }

  get options(): GlobalOptions {
    return this.#options();
  }

  /** Colours of standard output. */
  get colors(): Colors {
    return colorsFor(this.options.color, this.deps.env, this.deps.stdout);
  }

  /** Colours of standard error. */
  get errorColors(): Colors {
    return colorsFor(this.options.color, this.deps.env, this.deps.stderr);
  }

  /** Data. */
  out(text: string): void {
    this.deps.stdout.write(text);
  }

  /** A line for people, on standard error. */
  say(line: string): void {
    this.deps.stderr.write(`${line}\n`);
  }

  warn(line: string): void {
    this.say(`${this.errorColors.yellow("warning:")} ${line}`);
  }

  async target(): Promise<Target> {
    const target = await findServer(this.options.server, this.deps);
    if (target.others !== undefined)
      this.warn(
        `several meshes run; asking ${target.mesh?.name} (also: ${target.others.join(", ")}). Choose with --server`,
      );
    return target;
  }

  async client(): Promise<ApiClient> {
    // Loaded now: help and files need no HTTP.
    const { ApiClient } = await import("./client.ts");
    return new ApiClient(await this.target(), this.deps.interrupted, this.options.timeoutMs);
  }
}
