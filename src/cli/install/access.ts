import type { Ask } from "../../install/apply.ts";
import { type Charts, readCharts } from "../../install/installation.ts";
import type { Kinds } from "../../install/kinds.ts";
import { kindsOf } from "../../install/kinds.ts";
import { render } from "../../install/render.ts";
import { kubernetesClient } from "../../kubernetes/client.ts";
import { CliError, exitCodes } from "../exit.ts";
import { clusterFailure } from "../kube/failure.ts";
import type { Session } from "../session.ts";

/** A cluster to install into. */
export interface Access {
  readonly ask: Ask;
  readonly context: string;
  readonly charts: Charts;
  /** Kubernetes' kinds and those that the charts define. */
  readonly kinds: Kinds;
}

/** How long to wait for a connection. */
const connectMs = 2500;

/** Runs something on the cluster that flags and environment name; what the API server refuses becomes a CliError. */
export async function withCluster<T>(session: Session, run: (access: Access) => Promise<T>): Promise<T> {
  const { choice, context, server } = await session.cluster();
  const client = kubernetesClient(choice.config, { connectMs });
  const { interrupted, chartsFolder } = session.deps;
  const { timeoutMs } = session.options;
  const charts = readCharts(chartsFolder);
  const kinds = kindsOf(render(charts.crds, charts.crds.values, { name: "", namespace: "", service: "" }));
  try {
    const ask: Ask = (path, init) => client.ask(path, { timeoutMs, signal: interrupted, ...init });
    return await run({ ask, context, charts, kinds });
  } catch (error) {
    if (interrupted.aborted) throw new CliError(exitCodes.interrupted, "interrupted");
    throw clusterFailure(error, { context, server });
  } finally {
    client.close();
  }
}
