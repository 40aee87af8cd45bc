import type { Command } from "commander";
import { certificatesIn, normalSerial } from "../../api/certificates.ts";
import type { ProxyConfigDump } from "../../api/contract/proxy-config.ts";
import { CliError, exitCodes } from "../exit.ts";
import { namespaceOption } from "../options.ts";
import type { Session } from "../session.ts";
import { openDumps } from "./dumps.ts";
import { camelCase, object, text } from "./fields.ts";

interface Flags {
  readonly namespace?: string;
}

/** `weft proxy-config rootca-compare`: whether two proxies trust the same roots. */
export function defineRootCa(command: Command, session: Session): void {
  command
    .command("rootca-compare")
    .aliases(["rc"])
    .summary("whether two proxies trust the same roots")
    .usage("POD POD [options]")
    .description(
      `Says whether two proxies trust the same roots, and which differ; then they may not
believe each other. Ends with 2 where they differ.

Examples:
  weft proxy-config rootca-compare productpage-v1 reviews-v1.shop`,
    )
    .argument("<pod>", "a pod or a workload, with or without .NAMESPACE")
    .argument("<other>", "the other one")
    .addOption(namespaceOption())
    .action((one: string, other: string, flags: Flags) => compare(one, other, flags, session));
}

async function compare(one: string, other: string, flags: Flags, session: Session): Promise<void> {
  const [a, b] = await Promise.all([rootsOf(one, flags, session), rootsOf(other, flags, session)]);
  const only = (here: Map<string, string>, there: Map<string, string>) =>
    [...here].filter(([serial]) => !there.has(serial)).map(([serial, subject]) => `${subject} (${serial})`);
  const differences = [
    ...only(a.roots, b.roots).map((root) => `${a.proxy} alone trusts ${root}`),
    ...only(b.roots, a.roots).map((root) => `${b.proxy} alone trusts ${root}`),
  ];
  if (differences.length === 0) {
    session.out(`${a.proxy} and ${b.proxy} trust the same ${a.roots.size === 1 ? "root" : `${a.roots.size} roots`}.\n`);
    return;
  }
  session.out(differences.map((line) => `${line}\n`).join(""));
  session.exitCode = exitCodes.findings;
}

/** Serial numbers of the roots of its own mesh, with their subjects, as its Envoy has them now. */
async function rootsOf(word: string, flags: Flags, session: Session) {
  const { dump } = await openDumps(word, { ...flags, source: "envoy" }, session);
  const { proxy, resources }: ProxyConfigDump = await dump("secret");
  const secret = resources
    .map(({ resource }) => object(camelCase(resource)))
    .find((one) => text(one, "name") === "ROOTCA");
  const ca = object(secret ?? {}, "validationContext", "trustedCa");
  const bytes = text(ca, "inlineBytes");
  const pem = text(ca, "inlineString") || Buffer.from(bytes, "base64").toString("utf8");
  const roots = new Map(
    certificatesIn(pem).map((x509) => [normalSerial(x509.serialNumber), x509.subject.split("\n").join(", ")]),
  );
  if (roots.size > 0) return { proxy, roots };
  throw new CliError(
    exitCodes.notFound,
    `${proxy} has no roots yet`,
    "a proxy asks for them when it first needs them: weft proxy-config secret shows what it has",
  );
}
