import type { CheckAnswer, CheckResult } from "../../api/contract/check.ts";
import { ApiClient } from "../client.ts";
import type { CommandModule } from "../command-module.ts";
import { exitCodes } from "../exit.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import { namespaceOption, outputOption, revisionOption } from "../options.ts";
import { renderData } from "../output/format.ts";
import type { Target } from "../server.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly output: "table" | "short" | "json" | "yaml" | "junit";
  readonly pre?: boolean;
  readonly proxy?: boolean;
  readonly namespace?: string;
  readonly revision?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[options]")
    .description(
      `Goes through a mesh, one thing after the other, and says of what is not well how
to mend it. Ends with 2 when something failed; warnings (‼) do not fail. A mesh of
this machine tells of itself; on a cluster the API server, webhooks and rights are
looked at, too. Nothing is created: webhooks are tried out with dry runs.

Examples:
  weft check --pre             may Weft be installed here?
  weft check                   the control plane, its webhooks and certificates
  weft check --proxy           the proxies as well
  weft check --proxy -n shop -o short
  weft check -o junit > check.xml`,
    )
    .option("--pre", "before an installation: the cluster, and your rights")
    .option("--proxy", "the proxies as well")
    .addOption(namespaceOption())
    .addOption(revisionOption())
    .addOption(outputOption(["table", "short", "json", "yaml", "junit"]))
    .action((flags: Flags) => check(flags, session));
};

export const places: CommandModule["places"] = ["nothing"];

async function check(flags: Flags, session: Session): Promise<void> {
  const categories = async (cluster: KubeCluster) =>
    (await import("../check/categories.ts")).categoriesOf(cluster, flags, session);
  const [{ runChecks }, { checkJunit, heading, resultLines, summary }] = await Promise.all([
    import("../check/check.ts"),
    import("../check/render.ts"),
  ]);
  let last: string | undefined;
  const tell = (result: CheckResult) => {
    if (flags.output !== "table" && flags.output !== "short") return;
    if (flags.output === "short" && result.outcome === "ok") return;
    if (result.category !== last)
      session.out(`${last === undefined ? "" : "\n"}${heading(result.category, session.colors)}`);
    last = result.category;
    session.out(resultLines(result, session.colors));
  };
  const where = flags.pre ? await session.cluster(flags.revision) : await session.where(flags.revision);
  const results = "context" in where ? await runChecks(await categories(where), tell) : await told(where, session);
  if (!("context" in where)) for (const result of results) tell(result);
  if (flags.output === "junit") session.out(checkJunit(results));
  else if (flags.output === "json" || flags.output === "yaml") {
    const data = { apiVersion: "cli.weft.dev/v1", kind: "CheckList", items: results, warnings: [] };
    session.out(await renderData(data, flags.output));
  } else session.say(`${last === undefined ? "" : "\n"}${summary(results)}`);
  if (results.some((result) => result.outcome === "failed")) session.exitCode = exitCodes.findings;
}

/** What a mesh with an address says of itself. */
async function told(target: Target, session: Session): Promise<readonly CheckResult[]> {
  const client = new ApiClient(target, session.deps.interrupted, session.options.timeoutMs);
  return (await client.get<CheckAnswer>("check")).items;
}
