import type { ReactElement } from "react";
import { percent, rate } from "../format/quantity.ts";
import { flagWords } from "./flag-words.ts";
import type { Flow } from "./sums.ts";

/** Answers by code, and by what Envoy noted about those it answered itself. */
export function CodesAndFlags({ edge }: { readonly edge: Flow }): ReactElement | null {
  const codes = Object.entries(edge.codes).toSorted((a, b) => b[1] - a[1]);
  const flags = Object.entries(edge.flags).toSorted((a, b) => b[1] - a[1]);
  if (codes.length === 0 && flags.length === 0) return null;
  return (
    <table className="small-table codes">
      <thead>
        <tr>
          <th scope="col">Answer</th>
          <th scope="col">Share</th>
          <th scope="col" className="number">
            Rate
          </th>
        </tr>
      </thead>
      <tbody>
        {codes.map(([code, perSecond]) => (
          <Row
            key={code}
            name={code === "0" ? "no answer" : code}
            share={edge.rate > 0 ? perSecond / edge.rate : 0}
            perSecond={perSecond}
            bad={code === "0" || code.startsWith("5")}
          />
        ))}
        {flags.map(([flag, perSecond]) => (
          <Row
            key={flag}
            name={flag}
            words={flagWords[flag]}
            share={edge.rate > 0 ? perSecond / edge.rate : 0}
            perSecond={perSecond}
            bad
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly name: string;
  readonly words?: string | undefined;
  readonly share: number;
  readonly perSecond: number;
  readonly bad: boolean;
}

function Row({ name, words, share, perSecond, bad }: RowProps): ReactElement {
  return (
    <tr>
      <td>
        <span className="mono">{name}</span> {words && <span className="quiet">{words}</span>}
      </td>
      <td className="share">
        <span className="share-bar" aria-hidden="true">
          <span className={bad ? "bad-share" : undefined} style={{ width: `${Math.min(100, share * 100)}%` }} />
        </span>
        <span className="mono">{percent(share)}</span>
      </td>
      <td className="number">{rate(perSecond)}</td>
    </tr>
  );
}
