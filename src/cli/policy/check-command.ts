import { type Command, Option } from "commander";
import type { PolicyCheck } from "../../api/cli-contract.ts";
import type { AccessPolicy } from "../../api/contract/access.ts";
import { CliError, exitCodes } from "../exit.ts";
import { listOption, outputOption } from "../options.ts";
import { renderData } from "../output/format.ts";
import type { Session } from "../session.ts";
import type { CheckQuery } from "./check-files.ts";

interface Flags {
  readonly namespace: string;
  readonly header: readonly string[];
  readonly claims?: string;
  readonly filename: readonly string[];
  readonly output: "text" | "json" | "yaml";
}

/** `weft policy check`: which rule decides about a request. */
export function defineCheck(command: Command, session: Session): void {
  command
    .command("check")
    .summary("say which rule decides about a request, and why the others do not")
    .usage("FROM TO [METHOD PATH] [options]")
    .description(
      `Says whether a request would be let in, and by which rule of which policy, with
its file and line, from what the called workload's own proxy was sent. Nothing is
sent there. Without METHOD and PATH a TCP connection is asked for. Ends with 0
where it is allowed, and with 2 where it is not. With -f it asks files instead of
a running mesh.

FROM is a workload (NAME, NAMESPACE/NAME), a ServiceAccount (NAMESPACE/sa/NAME), a
SPIFFE ID, or anonymous: somebody without a certificate of the mesh. TO is a
workload (NAME:PORT) or a Service (reviews:9080, reviews.shop:9080).

Examples:
  weft policy check productpage-v1 reviews:9080 GET /reviews/0
  weft policy check anonymous details:9080 GET /details/0
  weft policy check default/sa/cart orders:8080 POST /orders -H "x-user: ann"
  weft policy check web api:80 GET / --claims '{"iss": "https://a", "sub": "ann"}'
  weft policy check web api:80 GET / -f k8s/`,
    )
    .argument("<from>", "who asks")
    .argument("<to>", "who is asked")
    .argument("[method]", "of HTTP")
    .argument("[path]", "with its query, if there is one")
    .option("-n, --namespace <name>", "where names without one are looked for", "default")
    .addOption(
      new Option("-H, --header <header>", "a header of the request, NAME:VALUE; may come several times")
        .argParser<string[]>((text, before) => [...(before ?? []), text])
        .default([]),
    )
    .option("--claims <json>", "claims of a verified token")
    .addOption(listOption("-f, --filename <file>", "files or folders, in the place of a running mesh"))
    .addOption(outputOption(["text", "json", "yaml"]))
    .action((from: string, to: string, method: string | undefined, path: string | undefined, flags: Flags) =>
      check({ from, to, ...(method === undefined ? {} : { method, path: path ?? "/" }) }, flags, session),
    );
}

async function check(
  what: Pick<CheckQuery, "from" | "to" | "method" | "path">,
  flags: Flags,
  session: Session,
): Promise<void> {
  const query: CheckQuery = {
    ...what,
    namespace: flags.namespace,
    headers: flags.header,
    ...(flags.claims === undefined ? {} : { claims: flags.claims }),
  };
  const answer = flags.filename.length > 0 ? await ofFiles(query, flags, session) : await ofMesh(query, session);
  if (flags.output === "text") print(answer, session);
  else session.out(await renderData(answer, flags.output));
  session.exitCode = answer.allowed ? exitCodes.ok : exitCodes.findings;
}

async function ofFiles(query: CheckQuery, flags: Flags, session: Session): Promise<PolicyCheck> {
  const { checkFiles } = await import("./check-files.ts");
  return checkFiles(query, flags.filename, session);
}

/** Of several replicas of a control plane, the one that has the proxy knows. */
async function ofMesh({ headers, ...query }: CheckQuery, session: Session): Promise<PolicyCheck> {
  const { clientsOf } = await import("./access.ts");
  const header = headers.map((h) => `&header=${encodeURIComponent(h)}`).join("");
  const pairs = Object.entries(query).flatMap(([k, v]) => (v === undefined ? [] : [`${k}=${encodeURIComponent(v)}`]));
  let failure: unknown;
  for (const client of await clientsOf(session)) {
    try {
      return await client.get<PolicyCheck>(`policy/check?${pairs.join("&")}${header}`);
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== exitCodes.notFound) throw error;
      failure = error;
    }
  }
  throw failure;
}

function print(answer: PolicyCheck, session: Session): void {
  const { green, red, dim, bold } = session.colors;
  const { namespace, workload, port } = answer.to;
  const verdict = answer.allowed ? green("allowed") : red("denied");
  session.out(`${bold(verdict)}: ${because(answer)}\n`);
  session.out(`${dim(`${answer.identity ?? "somebody without a certificate"} -> ${namespace}/${workload}:${port}`)}\n`);
  for (const name of answer.asked) session.out(`first ${name} is asked, and what it says counts\n`);
  for (const { action, denied, policy } of answer.dryRun)
    session.out(
      `a dry run of ${action} would ${denied ? "refuse it" : "let it pass"}${policy === undefined ? "" : `: ${ruleOf(policy)}`}\n`,
    );
  for (const { id, action, why, policy } of answer.others)
    session.out(dim(`  not ${action} ${policy === undefined ? id : ruleOf(policy)}: ${why}\n`));
}

function because({ how, policy, origins }: PolicyCheck): string {
  const by = policy === undefined ? "a rule without a policy" : ruleOf(policy);
  switch (how) {
    case "allowed":
    case "denied":
      return by;
    case "not-denied":
      return "no policy that denies matches, and none is there that allows";
    case "no-match":
      return "none of the policies that allow matches";
    case "plaintext":
      return `only mutual TLS is taken there${origins.length === 0 ? "" : ` (${origins.join(", ")})`}`;
    case "nothing":
      return "no policy is there";
  }
}

/** `shop/cart rule 0 (policies.yaml:14:5)`. */
function ruleOf({ namespace, name, rule, at }: AccessPolicy): string {
  return `${namespace}/${name} rule ${rule}${at === undefined ? "" : ` (${at})`}`;
}
