import type { Command } from "commander";
import type { Reported } from "../analyze/reported.ts";
import type { CommandModule } from "../command-module.ts";
import type { PodStory } from "../describe/pod.ts";
import type { ServiceStory } from "../describe/service.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { KubeCluster } from "../kube/cluster.ts";
import { namespaceOption, outputOption, revisionOption } from "../options.ts";
import { renderData } from "../output/format.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly output: "text" | "json" | "yaml";
  readonly namespace?: string;
  readonly revision?: string;
}

export const define: CommandModule["define"] = (command, session) => {
  command.usage("pod|service NAME [options]").description(
    `Says what of a cluster's mesh holds for a Pod or a Service: which Services,
VirtualServices, DestinationRules, routes, gateways and policies apply, what mTLS
it accepts, whether it has a proxy, and what is likely not meant.

Examples:
  weft describe pod reviews-v1-5b8c.shop
  weft describe pod deploy/reviews-v1 -n shop
  weft describe service reviews -n shop
  weft x describe svc reviews.shop -o json`,
  );
  const sub = (
    name: string,
    alias: string,
    says: string,
    run: (word: string, flags: Flags) => Promise<void>,
  ): Command =>
    command
      .command(name)
      .aliases([alias])
      .summary(says)
      .usage("NAME [options]")
      .description(`Examples:\n  weft describe ${name} reviews${name === "pod" ? "-v1-5b8c" : ""}.shop`)
      .argument("<name>", "with or without .NAMESPACE")
      .addOption(namespaceOption())
      .addOption(revisionOption())
      .addOption(outputOption(["text", "json", "yaml"]))
      .action(run);
  sub("pod", "po", "a Pod", (word, flags) => describePod(word, flags, session));
  sub("service", "svc", "a Service", (word, flags) => describeService(word, flags, session));
};

export const places: CommandModule["places"] = ["pod", "nothing"];

async function describePod(word: string, flags: Flags, session: Session): Promise<void> {
  const cluster = await session.cluster(flags.revision);
  const [{ findPod }, { podStory }, { podText }] = await Promise.all([
    import("../kube/find-pods.ts"),
    import("../describe/pod.ts"),
    import("../describe/render.ts"),
  ]);
  const pod = await findPod(cluster, word, flags.namespace);
  const { tracker, findings } = await meshOf(cluster, pod.metadata.namespace, session);
  const story = podStory(tracker, pod);
  const its = about(findings, [`Pod ${story.pod}`, ...story.policies, ...story.services.flatMap(names)]);
  if (flags.output === "text") session.out(podText(story, its, session.colors));
  else session.out(await renderData(asData("PodDescription", story, its), flags.output));
}

async function describeService(word: string, flags: Flags, session: Session): Promise<void> {
  const cluster = await session.cluster(flags.revision);
  const [{ servicesIn }, { serviceStory }, { serviceText }] = await Promise.all([
    import("../../plan/registry/service-index.ts"),
    import("../describe/service.ts"),
    import("../describe/render.ts"),
  ]);
  const dot = word.indexOf(".");
  const name = dot < 0 ? word : word.slice(0, dot);
  const namespace = flags.namespace ?? (dot < 0 ? cluster.namespace : (word.slice(dot + 1).split(".")[0] ?? ""));
  await cluster.ask(`/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}`);
  const { tracker, findings } = await meshOf(cluster, namespace, session);
  const service = tracker.ask(servicesIn, namespace).find((one) => one.name === name && one.kind === "Service");
  if (service === undefined) throw new CliError(exitCodes.notFound, `there is no Service ${namespace}/${name}`);
  const story = serviceStory(tracker, service);
  const its = about(findings, names(story));
  if (flags.output === "text") session.out(serviceText(story, its, session.colors));
  else session.out(await renderData(asData("ServiceDescription", story, its), flags.output));
}

/** The mesh's objects as a control plane would read them, and what the analysers find. */
async function meshOf(cluster: KubeCluster, namespace: string | undefined, { deps }: Session) {
  const [{ liveObjects }, { analyzeFiles }, { Tracker }, { apply, empty }, validate] = await Promise.all([
    import("../kube/live-objects.ts"),
    import("../analyze/files.ts"),
    import("../../track/tracker.ts"),
    import("../../model/snapshot.ts"),
    deps.loadValidate(),
  ]);
  const live = await liveObjects(cluster, namespace);
  const meshConfig = live.meshConfig && { file: "MeshConfig", text: live.meshConfig, found: false };
  const { findings } = analyzeFiles({
    ...{
      inputs: [],
      background: [],
      live: live.resources,
      unread: live.forbidden,
      validate,
      cluster: "mesh",
      only: [],
    },
    ...(meshConfig ? { meshConfig } : {}),
  });
  const { meshConfigObject } = await import("../analyze/mesh-config.ts");
  const objects = [...live.resources, ...(meshConfig ? [meshConfigObject(meshConfig)] : [])];
  return {
    tracker: new Tracker(
      apply(
        empty,
        objects.map((put) => ({ put })),
      ),
    ),
    findings,
  };
}

function names(story: ServiceStory): readonly string[] {
  return [
    `Service ${story.service}`,
    ...story.destinationRules.map((name) => `DestinationRule ${name}`),
    ...story.routes.map(({ virtualService }) => `VirtualService ${virtualService}`),
    ...story.apiRoutes.map((route) => route.replace(/ \(.*$/, "")),
  ];
}

function about(findings: readonly Reported[], origins: readonly string[]): readonly Reported[] {
  const wanted = new Set(origins);
  return findings.filter(({ origin }) => wanted.has(origin));
}

function asData(kind: string, story: PodStory | ServiceStory, findings: readonly Reported[]) {
  const told = findings.map(({ code, level, origin, message, fix }) => ({
    code,
    level,
    origin,
    message,
    ...(fix ? { fix } : {}),
  }));
  return { apiVersion: "cli.weft.dev/v1", kind, ...story, findings: told };
}
