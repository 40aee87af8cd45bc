import { type Chart, readChart, type Values } from "./chart.ts";
import type { KubeObject } from "./object.ts";
import { ownKinds } from "./owned.ts";
import { render } from "./render.ts";
import { overlay } from "./values.ts";

/** What `weft install` was asked for. */
export interface Wanted {
  readonly namespace: string;
  /** Laid over the chart's values. */
  readonly values: Values;
  /** Goes into `app.kubernetes.io/managed-by`; Helm's name where Helm installs. */
  readonly service: string;
}

/** Everything that an installation consists of, in the order in which it is applied. */
export interface Installation {
  readonly revision: string;
  /** Helm's name for it: `weft`, or `weft-REVISION`. */
  readonly release: string;
  readonly crds: readonly KubeObject[];
  readonly objects: readonly KubeObject[];
}

/** The two charts, which stand side by side in a folder. */
export interface Charts {
  readonly crds: Chart;
  readonly weft: Chart;
}

/** Renders both charts. Throws TemplateError, and what the file system throws. */
export function installationOf(charts: Charts, wanted: Wanted): Installation {
  const values = overlay(charts.weft.values, wanted.values);
  const revision = String(values["revision"]);
  const release = { name: releaseName(revision), namespace: wanted.namespace, service: wanted.service };
  return {
    revision,
    release: release.name,
    crds: render(charts.crds, charts.crds.values, release),
    objects: inOrder([namespaceOf(wanted.namespace), ...render(charts.weft, values, release)]),
  };
}

/** Reads the charts of a folder. */
export function readCharts(folder: string): Charts {
  return { crds: readChart(`${folder}/weft-crds`), weft: readChart(`${folder}/weft`) };
}

/** The name of Helm's release for a revision; ours are named alike. */
export function releaseName(revision: string): string {
  return revision === "default" ? "weft" : `weft-${revision}`;
}

function namespaceOf(name: string): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

function inOrder(objects: readonly KubeObject[]): readonly KubeObject[] {
  const place = ({ kind }: KubeObject) => ownKinds.findIndex(([, own]) => own === kind);
  return [...objects].sort((a, b) => place(a) - place(b));
}
