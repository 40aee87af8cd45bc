import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ObjectRef } from "../../../src/api/contract/inventory.ts";

/** Objects of the configuration, each a way to its YAML. */
export function ObjectList({ objects }: { readonly objects: readonly ObjectRef[] }): ReactElement {
  return (
    <ul className="objects">
      {objects.map((object) => (
        <li key={`${object.type} ${object.namespace}/${object.name}`}>
          <ObjectLink object={object} /> <span className="quiet mono">{object.at}</span>
        </li>
      ))}
    </ul>
  );
}

export function ObjectLink({ object }: { readonly object: ObjectRef }): ReactElement {
  const params = { type: object.type, namespace: object.namespace || "-", name: object.name };
  return (
    <Link
      to="/config/$type/$namespace/$name"
      params={params}
      search={(before) => ({ ns: before.ns, window: before.window })}
    >
      {object.kind} {object.name}
    </Link>
  );
}
