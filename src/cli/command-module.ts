import type { Command } from "commander";
import type { Session } from "./session.ts";

/** What stands at a place of a command line, for completion. */
export type Place =
  | "kind"
  | "object"
  | "pod"
  | "proxy"
  | "namespace"
  | "context"
  | "file"
  | "folder"
  | "code"
  | "analyzer"
  | "nothing"
  | readonly string[];

/** One file of `commands/`. */
export interface CommandModule {
  /** Gives the command its description, arguments, options and action. */
  readonly define: (command: Command, session: Session) => void;
  /** What its arguments are; the last one repeats. */
  readonly places?: readonly Place[] | undefined;
  /** What its options' values are, by long name. Choices are known already. */
  readonly values?: Readonly<Record<string, Place>> | undefined;
}

export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly group: string;
  readonly summary: string;
  readonly hidden?: boolean;
  readonly load: () => Promise<CommandModule>;
}
