import type { CommandModule } from "../command-module.ts";
import { defineCheck } from "../policy/check-command.ts";
import { defineDenials } from "../policy/denials-command.ts";
import { defineLearn } from "../policy/learn-command.ts";

export const define: CommandModule["define"] = (command, session) => {
  command.usage("WHAT [options]").description(
    `Who may call what: what was refused and by which line of which policy, which rule
decides about a request, and policies made of what was observed.

Examples:
  weft policy denials
  weft policy check productpage-v1 reviews:9080 GET /reviews/0
  weft policy learn shop --start
  weft policy learn shop -o policies/`,
  );
  defineDenials(command, session);
  defineCheck(command, session);
  defineLearn(command, session);
};

export const places: CommandModule["places"] = ["nothing"];
