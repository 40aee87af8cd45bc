import { Argument } from "commander";
import type { CommandModule } from "../command-module.ts";

const shells = ["bash", "zsh", "fish"] as const;

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("SHELL")
    .description(
      `Prints a script that completes commands, flags, and the names of what runs.

Examples:
  source <(weft completion bash)
  weft completion bash > ~/.local/share/bash-completion/completions/weft
  weft completion zsh > "\${fpath[1]}/_weft"
  weft completion fish > ~/.config/fish/completions/weft.fish`,
    )
    .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(shells))
    .action(async (shell: (typeof shells)[number]) => {
      const { scripts } = await import("../completion/scripts.ts");
      session.out(scripts[shell]);
    });
};

export const places: CommandModule["places"] = [shells, "nothing"];
