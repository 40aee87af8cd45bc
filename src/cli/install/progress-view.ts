import type { Progress } from "../../install/install.ts";
import { width } from "../output/table.ts";
import type { Session } from "../session.ts";

/** Shows a line for each part: rewritten in place on a terminal, and once for each change elsewhere. */
export interface ProgressView {
  show(progress: Progress): void;
  /** The line of a part that is still under way stays as it is. */
  end(): void;
}

const widest = "definitions of kinds".length;

export function progressView({ deps, errorColors: colors }: Session): ProgressView {
  const { stderr, env } = deps;
  const live = stderr.isTTY && env["TERM"] !== "dumb" && (env["CI"] ?? "") === "";
  const marks = { working: colors.dim("·"), done: colors.green("√"), failed: colors.red("×") };
  let open = false;
  let last = "";
  return {
    show({ component, state, text }) {
      const room = Math.max(20, (stderr.columns ?? 80) - widest - 5);
      const line = `${marks[state]} ${component.padEnd(widest)}  ${live ? cut(text, room) : text}`;
      if (line === last) return;
      last = line;
      if (live) stderr.write(`${open ? "\r\u001b[2K" : ""}${line}${state === "working" ? "" : "\n"}`);
      else stderr.write(`${line}\n`);
      open = state === "working";
    },
    end() {
      if (live && open) stderr.write("\n");
      open = false;
    },
  };
}

function cut(text: string, room: number): string {
  if (width(text) <= room) return text;
  return `${text.slice(0, room - 1)}…`;
}
