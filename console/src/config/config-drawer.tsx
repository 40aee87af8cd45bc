import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense, useState } from "react";
import type { ConfigDetail } from "../../../src/api/contract/config.ts";
import { configDetailQuery, diagnosticsQuery } from "../api/queries.ts";
import { Drawer, Part } from "../drawer/drawer.tsx";
import { count } from "../format/quantity.ts";
import { Failure, Skeleton } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { DeleteButton } from "./edit/delete-dialog.tsx";
import { lineOf } from "./filters.ts";
import { FindingNote } from "./finding-note.tsx";
import { LevelMark, worstOf } from "./level-mark.tsx";
import { ReferencesPart } from "./references-part.tsx";
import "./config.css";

const YamlView = lazy(() => import("./yaml-view.tsx").then((module) => ({ default: module.YamlView })));
const route = getRouteApi("/config/$type/$namespace/$name");

/** One object: what was found about it, and its YAML with the lines marked. */
export function ConfigDrawer(): ReactElement {
  const { type, namespace, name } = route.useParams();
  const { data, error } = useQuery(configDetailQuery(type, namespace, name));
  if (!data) {
    return (
      <Drawer title={name} label={name} back="/config" wide>
        {error ? <Failure error={error} /> : <Skeleton />}
      </Drawer>
    );
  }
  const title = (
    <>
      <LevelMark level={worstOf(data.diagnostics)} />
      <span className="mono">{data.name}</span>
    </>
  );
  const under = (
    <>
      {data.kind}
      {data.namespace && ` in ${data.namespace}`}, <span className="mono">{data.at}</span>
    </>
  );
  return (
    <Drawer title={title} label={`${data.kind} ${data.name}`} under={under} back="/config" wide>
      <Detail key={`${type}/${namespace}/${name}`} object={data} />
    </Drawer>
  );
}

function Detail({ object }: { readonly object: ConfigDetail }): ReactElement {
  const [line, setLine] = useState<number>();
  const first = lineOf(object.at) ?? 1;
  const { total, acked } = object.proxies;
  const scope = object.namespace ? ` -n ${object.namespace}` : "";
  return (
    <>
      {object.diagnostics.length > 0 && (
        <Part title={count(object.diagnostics.length, "finding")}>
          <ul className="finding-list">
            {object.diagnostics.map((finding) => (
              <FindingNote key={`${finding.code}${finding.at}${finding.message}`} finding={finding} onLine={setLine} />
            ))}
          </ul>
        </Part>
      )}
      <Part title="In force">
        <p className="quiet">{force(total, acked)}</p>
      </Part>
      <ReferencesPart object={object} />
      <Part
        title="YAML"
        aside={
          <span className="drawer-buttons">
            <CopyCli command={`npx weft get ${object.kind.toLowerCase()} ${object.name}${scope} -o yaml`} />
            <DeleteButton object={object} />
            <Link
              className="plain-button"
              to="/config/edit/$type/$namespace/$name"
              params={{ type: object.type, namespace: object.namespace || "-", name: object.name }}
              search={true}
            >
              Edit
            </Link>
          </span>
        }
      >
        <Suspense fallback={<Skeleton />}>
          <YamlView text={object.yaml} firstLine={first} findings={object.diagnostics} line={line} />
        </Suspense>
      </Part>
    </>
  );
}

function force(total: number, acked: number): string {
  if (total === 0) return "No proxy holds anything made of it.";
  if (acked < total)
    return `${acked} of ${count(total, "proxy", "proxies")} that need it acknowledged it; the others keep what they had.`;
  return total === 1
    ? "The one proxy that needs it acknowledged it."
    : `All ${total} proxies that need it acknowledged it.`;
}

const findingRoute = getRouteApi("/config/finding");

/** A finding about something that is no object: a file that cannot be read. */
export function FindingDrawer(): ReactElement {
  const { at } = findingRoute.useSearch();
  const { data } = useQuery(diagnosticsQuery);
  const findings = data?.filter((f) => f.at === at) ?? [];
  return (
    <Drawer title={<span className="mono">{at}</span>} label={`Finding at ${at}`} back="/config" wide>
      <Part title={count(findings.length, "finding")}>
        {findings.length === 0 && data && <p className="quiet">Nothing is wrong there any more.</p>}
        <ul className="finding-list">
          {findings.map((finding) => (
            <FindingNote key={finding.message} finding={finding} />
          ))}
        </ul>
      </Part>
    </Drawer>
  );
}
