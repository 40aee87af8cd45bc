import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { AccessItem, AccessPolicy } from "../../../src/api/contract/access.ts";
import type { Workload } from "../../../src/api/contract/workloads.ts";
import { accessQuery } from "../api/queries.ts";
import { whereOf } from "../config/filters.ts";
import { Part } from "../drawer/drawer.tsx";
import { ago, short } from "../format/quantity.ts";
import { CopyCli } from "../table/copy-cli.tsx";
import { callerOf, groupsOf } from "./access.ts";

/** Who was refused and by which line of which policy, whom a dry run would refuse, and who calls in plaintext. Nothing where there is nobody. */
export function AccessPart({ workload }: { readonly workload: Workload }): ReactElement | null {
  const { data } = useQuery(accessQuery(workload.namespace, workload.name));
  const groups = groupsOf(data?.entries ?? []);
  if (!data || groups.length === 0) return null;
  return (
    <Part
      title="Refusals and plaintext"
      aside={<CopyCli command={`npx weft policy denials ${workload.namespace}/${workload.name}`} />}
    >
      {groups.map(({ words, items }) => (
        <table key={words} className="small-table access">
          <caption>{words}</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Request</th>
              <th scope="col" className="number">
                Times
              </th>
              <th scope="col" className="number">
                Last
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <Row
                key={JSON.stringify([item.source, item.port, item.method, item.path, item.policy])}
                item={item}
                now={data.now}
              />
            ))}
          </tbody>
        </table>
      ))}
    </Part>
  );
}

function Row({ item, now }: { readonly item: AccessItem; readonly now: number }): ReactElement {
  return (
    <tr>
      <td className="mono">{callerOf(item)}</td>
      <td>
        <span className="mono">
          {item.path === undefined ? `port ${item.port}` : `${item.method ?? ""} ${item.path}`}
        </span>
        {(item.what === "denied" || item.what === "dry-run") && <Decided policy={item.policy} />}
      </td>
      <td className="number">{short(item.count)}</td>
      <td className="number">{ago(item.last, now)}</td>
    </tr>
  );
}

function Decided({ policy }: { readonly policy: AccessPolicy | undefined }): ReactElement {
  if (policy === undefined) return <div className="quiet">no policy that allows matches</div>;
  const params = { type: "AuthorizationPolicy.security.istio.io", namespace: policy.namespace, name: policy.name };
  return (
    <div className="quiet">
      by{" "}
      <Link to="/config/$type/$namespace/$name" params={params} search={true}>
        {policy.name}
      </Link>
      , rule {policy.rule}
      {policy.at !== undefined && (
        <>
          {" "}
          <span className="mono">{whereOf(policy.at)}</span>
        </>
      )}
    </div>
  );
}
