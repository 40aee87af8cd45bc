import type { ReactElement } from "react";
import type { CertificateSummary } from "../../../src/api/contract/certificates.ts";
import type { Health } from "../../../src/api/contract/health.ts";
import { count } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { spanOf, spans } from "./left.ts";

type Row = CertificateSummary & { readonly health: Health; readonly now: number };

interface ExpiryMapProps {
  readonly rows: readonly Row[];
  readonly chosen: string | undefined;
  readonly onChoose: (name: string) => void;
}

/** When they end, at a glance: a column for each part of the time ahead, the fuller the darker; a press shows its own alone. */
export function ExpiryMap({ rows, chosen, onChoose }: ExpiryMapProps): ReactElement {
  const groups = Map.groupBy(rows, (row) => spanOf(row, row.now));
  return (
    <fieldset className="expiry-map">
      <legend className="heard-only">When certificates end</legend>
      {spans.map(([name]) => {
        const own = groups.get(name) ?? [];
        const worst = (["failing", "degraded"] as const).find((health) => own.some((row) => row.health === health));
        return (
          <button
            key={name}
            type="button"
            aria-pressed={name === chosen}
            aria-label={`${words(name)}: ${count(own.length, "certificate")}`}
            disabled={own.length === 0}
            className={worst}
            style={{ "--fill": own.length === 0 ? 0 : 0.25 + (0.75 * own.length) / rows.length } as object}
            onClick={() => onChoose(name)}
          >
            <span className="quiet">{words(name)}</span>
            <b>
              {worst && <HealthMark health={worst} />} {own.length}
            </b>
          </button>
        );
      })}
    </fieldset>
  );
}

function words(name: string): string {
  return name === "ended" ? "ended" : name === "later" ? "later" : `within ${name}`;
}
