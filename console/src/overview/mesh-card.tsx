import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { meshQuery } from "../api/queries.ts";
import { span } from "../format/quantity.ts";

/** The control plane and its proxies in a few facts. */
export function MeshCard(): ReactElement | null {
  const mesh = useQuery(meshQuery).data;
  if (!mesh) return null;
  return (
    <section className="card" aria-label="Mesh">
      <h2>
        <Link to="/mesh">Mesh</Link>
      </h2>
      <dl className="facts">
        <dt>Control plane</dt>
        <dd>
          {mesh.version}, up for {span(Date.now() - mesh.startedAt)}
        </dd>
        <dt>Proxies</dt>
        <dd>
          <Link to="/sync">
            {mesh.proxies.synced} of {mesh.proxies.total} in sync
          </Link>
        </dd>
        <dt>Trust domain</dt>
        <dd className="mono">{mesh.trustDomain}</dd>
        {mesh.doors.length > 0 && (
          <>
            <dt>Way in</dt>
            <dd>
              {mesh.doors.map((door) => (
                <div key={door}>
                  <a href={door} target="_blank" rel="noreferrer" className="mono">
                    {door.replace(/^https?:\/\//, "")}
                  </a>
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
