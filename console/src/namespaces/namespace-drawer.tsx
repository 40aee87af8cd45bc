import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { NamespaceItem } from "../../../src/api/contract/inventory.ts";
import { workloadsQuery } from "../api/queries.ts";
import { DetailDrawer } from "../detail/detail-drawer.tsx";
import { Part } from "../drawer/drawer.tsx";
import { count } from "../format/quantity.ts";
import { useView } from "../frame/view.ts";
import { HealthBar } from "../health/health-bar.tsx";
import { InjectionPart } from "../injection/injection-part.tsx";
import { NotThere } from "../list/detail-state.tsx";
import { namespacesQuery } from "../list/queries.ts";
import { TrafficFigures } from "../list/traffic-figures.tsx";
import { WorkloadList } from "../list/workload-list.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { totalOf } from "./counts.ts";
import { injectionWords } from "./words.ts";

const route = getRouteApi("/namespaces/$name");

/** One namespace: what is in it, and what holds for all of it. */
export function NamespaceDrawer(): ReactElement {
  const { name } = route.useParams();
  const query = useQuery(namespacesQuery(useView().window));
  const workloads = useQuery(workloadsQuery).data ?? [];
  const namespace = query.data?.find((n) => n.name === name);
  if (!namespace)
    return (
      <NotThere name={name} back="/namespaces" query={query}>
        {`Nothing of the mesh is in a namespace ${name} now.`}
      </NotThere>
    );
  const ids = workloads.filter((w) => w.namespace === name).map((w) => w.id);
  return (
    <DetailDrawer
      subject={{ kind: "namespace", namespace: "", name, workloads: ids }}
      health={namespace.health}
      sentence={namespace.sentence}
      back="/namespaces"
      actions={<CopyCli command={`npx weft status -n ${name}`} />}
    >
      <div className="columns">
        <Part title="Traffic">
          <dl className="figures three">
            <TrafficFigures title="in" traffic={namespace.inbound} />
          </dl>
        </Part>
        <Facts namespace={namespace} />
      </div>
      <InjectionPart namespace={name} revisions={revisionsIn(query.data)} />
      <Part title="Workloads, worst first">
        <WorkloadList ids={ids} />
      </Part>
    </DetailDrawer>
  );
}

/** Revisions that somebody has chosen. */
function revisionsIn(namespaces: readonly NamespaceItem[] = []): readonly string[] {
  return [...new Set(namespaces.flatMap(({ revision }) => (revision === undefined ? [] : [revision])))].sort();
}

const mtlsWords: Readonly<Record<NamespaceItem["mtls"], string>> = {
  strict: "strict: callers without a certificate are refused",
  permissive: "permissive: callers without a certificate are let in, too",
  disabled: "disabled: nothing is encrypted here",
  mixed: "mixed: an object says otherwise for some workloads",
};

function Facts({ namespace }: { readonly namespace: NamespaceItem }): ReactElement {
  const { name, findings, workloads, labels } = namespace;
  const here = { ns: name };
  return (
    <Part title="What holds here">
      <dl className="facts">
        <dt>Workloads</dt>
        <dd>
          <HealthBar counts={workloads} />{" "}
          <Link to="/workloads" search={here}>
            all
          </Link>
        </dd>
        <dt>In the mesh</dt>
        <dd>
          {namespace.inMesh} of {totalOf(workloads)}
        </dd>
        <dt>Injection</dt>
        <dd>{injectionWords(namespace)}</dd>
        <dt>Mutual TLS</dt>
        <dd>{mtlsWords[namespace.mtls]}</dd>
        <dt>Findings</dt>
        <dd>
          <Link to="/config" search={here}>
            {count(findings.errors, "error")}, {count(findings.warnings, "warning")}
          </Link>
        </dd>
        <dt>Graph</dt>
        <dd>
          <Link to="/traffic" search={here}>
            its traffic
          </Link>
        </dd>
        <dt>Labels</dt>
        <dd className="mono">
          {Object.entries(labels).map(([key, value]) => (
            <div key={key}>
              {key}={value}
            </div>
          ))}
          {Object.keys(labels).length === 0 && "none"}
        </dd>
      </dl>
    </Part>
  );
}
