import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { CheckResult, Outcome } from "../../../src/api/contract/check.ts";
import type { Health } from "../../../src/api/contract/health.ts";
import { clockTime, count } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { Failure, Skeleton } from "../notes/notes.tsx";
import { ReplicaNote } from "../sync/replica-note.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { checkQuery } from "./queries.ts";
import "./check.css";

const shapes: Readonly<Record<Outcome, Health>> = {
  ok: "healthy",
  warning: "degraded",
  failed: "failing",
  skipped: "unknown",
};
const titles: Readonly<Record<string, string>> = {
  "control-plane": "Control plane",
  certificates: "Certificates",
  proxies: "Proxies",
  workloads: "Workloads",
  configuration: "Configuration",
};

/** What `weft check` prints, with how to mend what is not well. */
export function CheckPage(): ReactElement {
  const { data, error, dataUpdatedAt, refetch, isFetching } = useQuery(checkQuery);
  if (!data) return error ? <Failure error={error} /> : <Skeleton />;
  const groups = [...Map.groupBy(data.items, (item) => item.category)];
  return (
    <div className="sheet">
      <header className="sheet-head">
        <h1>{sentenceOf(data.items)}</h1>
        <span className="quiet">looked at {clockTime(dataUpdatedAt, true)}</span>
        <span className="push" />
        <button type="button" className="plain-button" onClick={() => void refetch()} disabled={isFetching}>
          Look again
        </button>
        <CopyCli command="npx weft check" />
      </header>
      <ReplicaNote />
      {groups.map(([category, items]) => (
        <section key={category} className="checks">
          <h2>{titles[category] ?? category}</h2>
          <ul>
            {items.map((item) => (
              <Item key={`${item.name} ${item.says}`} item={item} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Item({ item: { name, outcome, says, hint } }: { readonly item: CheckResult }): ReactElement {
  return (
    <li>
      <HealthMark health={shapes[outcome]} label={outcome} />
      <div>
        {name}
        {says !== undefined && <p className={outcome === "failed" ? "bad" : "quiet"}>{says}</p>}
        {hint !== undefined && <p className="quiet">To mend it: {hint}</p>}
      </div>
    </li>
  );
}

function sentenceOf(items: readonly CheckResult[]): string {
  const of = (outcome: Outcome) => items.filter((item) => item.outcome === outcome).length;
  const [failed, warned] = [of("failed"), of("warning")];
  if (failed + warned === 0) return "All is well";
  const parts = [...(failed > 0 ? [`${failed} failed`] : []), ...(warned > 0 ? [count(warned, "warning")] : [])];
  return `${parts.join(", ")}, ${of("ok")} well`;
}
