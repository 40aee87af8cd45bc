import { type Decision, decide } from "../../inject/decide.ts";
import { defaultSettings, type InjectionSettings, parseInjectionSettings } from "../../inject/settings.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { type WebhookVerdict, webhookVerdicts } from "../inject/reasons.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import type { KubeObject } from "../kube/list.ts";
import { hasProxy, type Pod } from "../kube/pod.ts";
import { namespaceOption, outputOption } from "../options.ts";
import { renderData, renderListing } from "../output/format.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly output: "table" | "json" | "yaml";
  readonly namespace?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("POD | deployment/NAME [options]")
    .description(
      `Says whether a Pod has a proxy, or would get one if it were created now, by which
revision, and why.

Examples:
  weft check-inject reviews-v1-5b8c.shop
  weft check-inject deploy/reviews-v1 -n shop
  weft x check-inject deploy/reviews-v1 -o json`,
    )
    .argument("<target>", "a pod or a workload, with or without .NAMESPACE")
    .addOption(namespaceOption())
    .addOption(outputOption(["table", "json", "yaml"]))
    .action((target: string, flags: Flags) => checkInject(target, flags, session));
};

export const places: CommandModule["places"] = ["pod", "nothing"];

async function checkInject(target: string, flags: Flags, session: Session): Promise<void> {
  const cluster = await session.cluster();
  const [{ findPod }, { webhookConfigurations }] = await Promise.all([
    import("../kube/find-pods.ts"),
    import("../kube/webhooks.ts"),
  ]);
  const pod = await findPod(cluster, target, flags.namespace);
  const { name, namespace = "default", labels = {} } = pod.metadata;
  const [{ metadata }, webhooks] = await Promise.all([
    cluster.ask<KubeObject>(`/api/v1/namespaces/${encodeURIComponent(namespace)}`),
    webhookConfigurations(cluster),
  ]);
  if (webhooks.length === 0)
    throw new CliError(exitCodes.notFound, "there is no webhook of Weft's in this cluster", "install it: weft install");
  const verdicts = webhookVerdicts(webhooks, metadata.labels ?? {}, labels);
  const rest = decisionOn(pod, namespace, cluster.installNamespace, await settingsOf(cluster, verdicts));
  const says = sentence(pod, verdicts, rest);
  if (flags.output !== "table") {
    const data = {
      apiVersion: "cli.weft.dev/v1",
      kind: "InjectionVerdict",
      pod: `${namespace}/${name}`,
      hasProxy: hasProxy(pod),
      says,
      webhooks: verdicts,
    };
    return session.out(await renderData(data, flags.output));
  }
  session.out(
    await renderListing(
      {
        kind: "",
        items: verdicts,
        columns: [
          { title: "WEBHOOK", of: (v) => v.webhook },
          { title: "REVISION", of: (v) => v.revision },
          {
            title: "INJECTED",
            of: (v) => (v.injected ? "√" : "×"),
            paint: (text, v) => (v.injected ? session.colors.green(text) : session.colors.red(text)),
          },
          { title: "REASON", of: (v) => v.reason },
        ],
        name: (v) => v.webhook,
      },
      "table",
    ),
  );
  session.say(`${namespace}/${name} ${says}`);
}

/** What labels cannot say: the control plane's own rules, as if the Pod came now. */
function decisionOn(pod: Pod, namespace: string, installNamespace: string, settings: InjectionSettings): Decision {
  const { "sidecar.istio.io/status": _, ...annotations } = pod.metadata.annotations ?? {};
  const fresh = { ...pod, metadata: { ...pod.metadata, annotations } };
  return decide(fresh as unknown as Parameters<typeof decide>[0], { settings, namespace, installNamespace });
}

/** Those of the revision that takes the Pod; where they cannot be read, what they are by default. */
async function settingsOf(cluster: KubeCluster, verdicts: readonly WebhookVerdict[]): Promise<InjectionSettings> {
  const revision = verdicts.find((verdict) => verdict.injected)?.revision.split(" ")[0] ?? "default";
  const name = revision === "default" ? "istio" : `istio-${revision}`;
  const path = `/api/v1/namespaces/${cluster.installNamespace}/configmaps/${name}`;
  const map = await cluster.find<{ readonly data?: Readonly<Record<string, string>> }>(path).catch(() => undefined);
  const text = map?.data?.["injection"];
  return text === undefined ? defaultSettings : parseInjectionSettings(text).settings;
}

function sentence(pod: Pod, verdicts: readonly WebhookVerdict[], rest: Decision): string {
  const by = verdicts.find((verdict) => verdict.injected);
  const would =
    by === undefined
      ? "no webhook takes it"
      : "left" in rest
        ? rest.left
        : "refused" in rest
          ? rest.refused
          : undefined;
  if (hasProxy(pod))
    return would === undefined ? "has a proxy." : `has a proxy, but would get none if it were created now: ${would}.`;
  if (would !== undefined) return `has no proxy, and would get none: ${would}.`;
  return `has no proxy, but would get one from revision ${by?.revision} if it were created now: it is older than the label or the webhook. Restart it: kubectl rollout restart.`;
}
