import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { ConfigType } from "../../../src/api/contract/proxy-config.ts";
import { configQuery } from "../api/queries.ts";
import { objectAt } from "../config/filters.ts";
import { Place } from "../config/place.tsx";
import { HealthMark } from "../health/health-mark.tsx";
import { columns, type Row } from "./rows.ts";

/** Lines that are drawn at once: who looks for one of thousands filters. */
const most = 300;

/** The lines of one part; a click opens the resource itself. */
export function ConfigTable({
  part,
  rows,
}: {
  readonly part: ConfigType;
  readonly rows: readonly Row[];
}): ReactElement {
  const [opened, open] = useState<string>();
  const heads = columns[part];
  return (
    <div className="envoy-scroll">
      <table className="envoy-table">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
            <th scope="col">Made of</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((row) => (
            <Line key={row.key} row={row} span={heads.length + 1} open={opened === row.key} onOpen={open} />
          ))}
        </tbody>
      </table>
      {rows.length > most && (
        <p className="part quiet">
          {rows.length - most} more: the filter finds them, by name, host or the file they were made of.
        </p>
      )}
    </div>
  );
}

interface LineProps {
  readonly row: Row;
  readonly span: number;
  readonly open: boolean;
  readonly onOpen: (key: string | undefined) => void;
}

function Line({ row, span, open, onOpen }: LineProps): ReactElement {
  const { key, cells, resource } = row;
  const [first = "", ...rest] = cells;
  return (
    <>
      <tr className={open ? "opened" : undefined}>
        <td>
          <button type="button" aria-expanded={open} onClick={() => onOpen(open ? undefined : key)}>
            {resource.error !== undefined && <HealthMark health="failing" label="refused" />} {first}
          </button>
        </td>
        {rest.map((cell, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its column
          <td key={i} title={cell}>
            {cell}
          </td>
        ))}
        <td>
          <Origins origins={resource.origins} />
        </td>
      </tr>
      {open && (
        <tr className="envoy-resource">
          <td colSpan={span}>
            {resource.error !== undefined && <p className="said">{resource.error}</p>}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must reach it */}
            <pre tabIndex={0}>{JSON.stringify(resource.resource, null, 2)}</pre>
          </td>
        </tr>
      )}
    </>
  );
}

/** Lines of YAML, each a way to its object. */
function Origins({ origins }: { readonly origins: readonly string[] }): ReactElement {
  const config = useQuery(configQuery).data ?? [];
  if (origins.length === 0) return <span className="quiet">the mesh itself</span>;
  return (
    <>
      {origins.slice(0, 3).map((at) => {
        const object = objectAt(at, config);
        return (
          <span key={at} className="envoy-origin">
            {object ? (
              <Link
                to="/config/$type/$namespace/$name"
                params={{ type: object.type, namespace: object.namespace || "-", name: object.name }}
                search={true}
                title={`${object.kind} ${object.name}`}
              >
                <Place at={at} />
              </Link>
            ) : (
              <Place at={at} />
            )}
          </span>
        );
      })}
      {origins.length > 3 && <span className="quiet">and {origins.length - 3} more</span>}
    </>
  );
}
