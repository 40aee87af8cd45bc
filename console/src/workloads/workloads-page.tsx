import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Outlet, useNavigate, useParams } from "@tanstack/react-router";
import { type ReactElement, useMemo } from "react";
import type { Workload } from "../../../src/api/contract/workloads.ts";
import { workloadsQuery } from "../api/queries.ts";
import { shows, useView } from "../frame/view.ts";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { DataTable } from "../table/data-table.tsx";
import { summary } from "./sync.ts";
import { workloadColumns } from "./workload-columns.tsx";

const route = getRouteApi("/workloads");
const textOf = (w: Workload) =>
  [w.name, w.namespace, w.app, w.version, w.kind, w.health, w.serviceAccount, summary(w.proxies).text, w.sentence].join(
    " ",
  );
const keyOf = (w: Workload) => w.id;

/** Every workload with the state of its proxies. */
export function WorkloadsPage(): ReactElement {
  const { data, error } = useQuery(workloadsQuery);
  const { namespaces } = useView();
  const address = route.useSearch();
  const navigate = useNavigate();
  const { namespace, name } = useParams({ strict: false });
  const rows = useMemo(() => data?.filter((w) => shows(namespaces, w.namespace)), [data, namespaces]);
  if (!rows) return error ? <Failure error={error} /> : <Skeleton />;
  const selected = rows.find((w) => w.namespace === namespace && w.name === name);
  return (
    <>
      <DataTable
        label="Workloads"
        rows={rows}
        columns={workloadColumns}
        rowKey={keyOf}
        rowText={textOf}
        selected={selected?.id}
        order={{ column: "health", down: false }}
        address={address}
        onAddress={(search) =>
          void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...search }) })
        }
        onOpen={(w) =>
          void navigate({
            to: "/workloads/$namespace/$name",
            params: { namespace: w.namespace, name: w.name },
            search: true,
          })
        }
        cli={namespaces.length === 1 ? `npx weft proxy-status -n ${namespaces[0]}` : "npx weft proxy-status"}
        empty={
          <Empty title="No workloads" command="npx weft up samples/bookinfo">
            Here stands every Deployment and every Pod that the mesh knows, with its proxies and whether they hold the
            newest configuration. Start the sample to see some.
          </Empty>
        }
      />
      <Outlet />
    </>
  );
}
