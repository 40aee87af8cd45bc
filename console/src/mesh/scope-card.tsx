import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

/** What people of other meshes look for and do not find here, said plainly. */
export function ScopeCard(): ReactElement {
  return (
    <section className="card" aria-label="Not supported here">
      <h2>Not supported here</h2>
      <dl className="facts">
        <dt>Several clusters</dt>
        <dd>A mesh is one cluster or one machine, so the graph has no boxes of clusters.</dd>
        <dt>Ambient mode</dt>
        <dd>Each workload has a sidecar: there is no ztunnel and no waypoint.</dd>
      </dl>
      <p className="quiet about">
        What the configuration asks of either is told under{" "}
        <Link to="/findings" search={({ ns, window }) => ({ ns, window })} className="underlined">
          Findings
        </Link>
        .
      </p>
    </section>
  );
}
