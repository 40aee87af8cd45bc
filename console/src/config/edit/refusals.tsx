import type { ReactElement } from "react";
import type { ApplyAnswer } from "../../../../src/api/contract/apply.ts";

/** Why objects were refused. */
export function Refusals({ answer }: { readonly answer: ApplyAnswer }): ReactElement {
  const said = answer.objects.filter((o) => o.outcome === "refused").flatMap((o) => o.diagnostics);
  return (
    <ul>
      {said.map((d) => (
        <li key={`${d.code}${d.at}${d.message}`}>
          {d.field && <span className="mono">{d.field}: </span>}
          {d.message}
          {d.fix && `; ${d.fix}`}
        </li>
      ))}
    </ul>
  );
}
