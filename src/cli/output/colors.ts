import pc from "picocolors";
import type { Output } from "./output.ts";

export type ColorChoice = "auto" | "always" | "never";
export type Colors = ReturnType<typeof pc.createColors>;

/** Whether to colour a stream: `--color` first, then NO_COLOR and FORCE_COLOR, then whether it is a terminal. */
export function isColored(
  choice: ColorChoice,
  env: Readonly<Record<string, string | undefined>>,
  output: Pick<Output, "isTTY">,
): boolean {
  if (choice !== "auto") return choice === "always";
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0";
  return output.isTTY && env["TERM"] !== "dumb";
}

/** Colours for a stream, which may be none. */
export function colorsFor(
  choice: ColorChoice,
  env: Readonly<Record<string, string | undefined>>,
  output: Pick<Output, "isTTY">,
): Colors {
  return pc.createColors(isColored(choice, env, output));
}
