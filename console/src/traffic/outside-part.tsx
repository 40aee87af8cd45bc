import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { GraphEdge, GraphNode } from "../../../src/api/contract/graph.ts";
import { Part } from "../drawer/drawer.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import "../config/edit/desk.css";
import { type MissingEntry, missingEntry, serviceEntryYaml } from "./service-entry.ts";

/** Of a host outside: the ServiceEntry that has it, or the one that would. */
export function OutsidePart({
  node,
  edges,
}: {
  readonly node: GraphNode;
  readonly edges: readonly GraphEdge[];
}): ReactElement | null {
  if (node.type !== "external" || node.members) return null;
  if (node.serviceEntry) {
    const [namespace = "", name = ""] = node.serviceEntry.split("/");
    return (
      <Part title="Configuration">
        <p>
          <Link
            to="/config/$type/$namespace/$name"
            params={{ type: "ServiceEntry.networking.istio.io", namespace, name }}
            search={true}
          >
            ServiceEntry {name}
          </Link>{" "}
          <span className="quiet">in {namespace}</span>
        </p>
      </Part>
    );
  }
  const caller = edges.map((e) => e.source.split("/")).find(([kind]) => kind === "workload" || kind === "app")?.[1];
  const namespace = caller ?? "default";
  const missing = missingEntry(node.name, edges);
  const yaml = missing && serviceEntryYaml(missing, namespace);
  const why =
    node.reach === "blocked"
      ? "Calls of it are refused: the mesh lets nothing out that no ServiceEntry names (REGISTRY_ONLY). With one, they get through:"
      : "No ServiceEntry has this host: calls of it go through as they are, and no route, timeout or policy can be said of them. This would be one:";
  return (
    <Part
      title="No ServiceEntry"
      aside={yaml && <CopyCli command={`weft apply -f - <<'EOF'\n${yaml}EOF`} label="Copy as command" />}
    >
      {missing ? (
        <>
          <p className="quiet">{why}</p>
          <pre className="small-yaml">{yaml}</pre>
          <p>
            <CreateLink missing={missing} namespace={namespace} />
          </p>
        </>
      ) : (
        <p className="quiet">It was called by no name, so no ServiceEntry can name it.</p>
      )}
    </Part>
  );
}

/** To the form of ServiceEntries, filled in. */
function CreateLink({
  missing: { host, address, port, protocol },
  namespace,
}: {
  readonly missing: MissingEntry;
  readonly namespace: string;
}): ReactElement {
  return (
    <Link
      className="main-button"
      to="/config/new/$wizard"
      params={{ wizard: "service-entry" }}
      search={{ in: namespace, host, port, protocol, ...(address === undefined ? {} : { address }) }}
    >
      Create this ServiceEntry
    </Link>
  );
}
