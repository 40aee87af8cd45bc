import type { Discovery, Peer } from "../discovery/discovery.ts";
import { watchHealth } from "../host/health.ts";
import { tryProbe } from "../host/probe.ts";
import type { Probe } from "../host/workload.ts";
import { joiningOf } from "../sources/joined/entry.ts";
import { type JoinedOptions, JoinedWorkloads, type WatchHealth } from "../sources/joined/source.ts";
import type { Clock } from "../std/clock.ts";
import type { Session } from "../xds/session.ts";

/** Workloads that join by themselves. */
export function joinedWorkloads(clock: Clock, onLabels: JoinedOptions["onLabels"]): JoinedWorkloads {
  return new JoinedWorkloads({ clock, watch: watchProbe(clock), onLabels });
}

/** The control plane asks for their health itself, as a kubelet does: stock Envoy has no agent beside it. */
export function watchProbe(clock: Clock): WatchHealth {
  return (probe, address, onReady) => {
    const target = { address, from: undefined, ports: [], enter: [], env: {} };
    const container = { name: "", readinessProbe: probe as Probe };
    return watchHealth({ container, attempt: (one) => tryProbe(one, target), clock, onReady, onDead: () => {} });
  };
}

/** The source hears of every change, once the snapshot has it. */
export function followJoined(discovery: Discovery, joined: JoinedWorkloads): void {
  discovery.onChange(() => look(discovery, joined));
}

/** Tells the source of a proxy that was admitted and asks to join. */
export function joinOf(discovery: Discovery, joined: JoinedWorkloads, session: Session<Peer>): void {
  if (session.node.metadata?.["AUTO_REGISTER_GROUP"] === undefined || session.protocol.service !== "ads") return;
  const joining = discovery.proxies().find((one) => one.session === session)?.proxy;
  const asked = joining && joiningOf(joining);
  if (asked === undefined) return;
  joined.connected(session.id, asked);
  // At once, so that already its first answer has what is for its workload's labels: policies, above all.
  look(discovery, joined);
}

function look(discovery: Discovery, joined: JoinedWorkloads): void {
  if (discovery.synced && discovery.current) joined.look(discovery.snapshot);
}
