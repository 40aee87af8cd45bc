import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ConfigObject } from "../../../src/api/contract/config.ts";
import type { Reference } from "../../../src/api/contract/references.ts";
import { Part } from "../drawer/drawer.tsx";
import { count } from "../format/quantity.ts";
import { referencesQuery } from "./edit/queries.ts";
import { whereOf } from "./filters.ts";
import { LevelMark } from "./level-mark.tsx";

/** What an object names, and what names it. */
export function ReferencesPart({ object }: { readonly object: ConfigObject }): ReactElement | null {
  const { data } = useQuery(referencesQuery(object.type, object.namespace || "-", object.name));
  if (!data) return null;
  return (
    <>
      {data.uses.length > 0 && (
        <Part title="Names">
          <ReferenceList references={data.uses} />
        </Part>
      )}
      <Part title={data.usedBy.length === 0 ? "Nothing names it" : "Is named by"}>
        {data.usedBy.length === 0 ? (
          <p className="quiet">No object of the mesh leads to it by a field.</p>
        ) : (
          <ReferenceList references={data.usedBy} />
        )}
      </Part>
    </>
  );
}

/** One line for each object on the other side, with the fields that lead there. */
export function ReferenceList({ references }: { readonly references: readonly Reference[] }): ReactElement {
  const groups = Map.groupBy(references, ({ object, text }) =>
    object ? `${object.type}/${object.namespace}/${object.name}` : `"${text}`,
  );
  return (
    <ul className="reference-list">
      {[...groups].map(([key, all]) => {
        const [first] = all;
        if (!first) return null;
        const places = all.map(({ field, at }) => (at ? `${field} (${whereOf(at)})` : field)).join("\n");
        return (
          <li key={key} title={places}>
            {first.object ? (
              <Target object={first.object} />
            ) : (
              <span className="marked">
                <LevelMark level="Warning" />
                <span className="mono">{first.text}</span> is not there
              </span>
            )}
            <span className="quiet mono cut">
              {first.field}
              {all.length > 1 && ` and ${count(all.length - 1, "more field", "more fields")}`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Target({ object }: { readonly object: NonNullable<Reference["object"]> }): ReactElement {
  const { type, kind, namespace, name } = object;
  return (
    <Link to="/config/$type/$namespace/$name" params={{ type, namespace: namespace || "-", name }} search={true}>
      {kind} {name}
      {namespace && <span className="quiet"> in {namespace}</span>}
    </Link>
  );
}
