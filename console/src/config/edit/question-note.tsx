import type { ReactElement } from "react";
import type { AppliedObject, ApplyAnswer, FieldManager, WriteConflict } from "../../../../src/api/contract/apply.ts";
import { HealthMark } from "../../health/health-mark.tsx";
import { Refusals } from "./refusals.tsx";

/** `write`: go on, with what was decided; `theirs`: take what somebody else wrote in place of the own text; `edit`: nothing is written. */
export type Decide = (
  decision:
    | { readonly what: "write"; readonly force: boolean; readonly over: readonly AppliedObject[] }
    | { readonly what: "theirs"; readonly yaml: string; readonly basis: string }
    | { readonly what: "edit" },
) => void;

/** What the cluster says before anything is written, and what can be done about it. */
export function QuestionNote({
  answer,
  onDecide,
}: {
  readonly answer: ApplyAnswer;
  readonly onDecide: Decide;
}): ReactElement {
  const { objects } = answer;
  const changed = objects.filter((o) => o.conflict?.kind === "changed");
  const managed = objects.flatMap((o) => (o.conflict?.kind === "managed" ? o.conflict.by : []));
  const bad = objects.filter((o) => o.outcome === "refused" && !o.conflict);
  const warnings = [...new Set(objects.flatMap((o) => o.warnings ?? []))];
  const write = (force: boolean) => onDecide({ what: "write", force, over: changed });
  return (
    <div className="outcome question" role="alert">
      <HealthMark health={bad.length > 0 ? "failing" : "degraded"} label="" />
      <div className="question-words">
        <p>
          <b>{answer.dryRun ? "Nothing is written yet." : "Not all of it is written."}</b>
        </p>
        {bad.length > 0 && <Refusals answer={{ ...answer, objects: bad }} />}
        {changed.map((o) => (
          <Changed key={o.name} object={o} />
        ))}
        {managed.length > 0 && <Managed by={managed} />}
        {warnings.length > 0 && (
          <>
            <p>The cluster warns:</p>
            <ul>
              {warnings.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          </>
        )}
        <div className="question-buttons">
          {bad.length === 0 && (
            <button type="button" className="plain-button" onClick={() => write(managed.length > 0)}>
              {changed.length > 0
                ? "Write mine over it"
                : managed.length > 0
                  ? "Take these fields over"
                  : "Apply all the same"}
            </button>
          )}
          <Theirs objects={changed} onDecide={onDecide} />
          <button type="button" className="plain-button" onClick={() => onDecide({ what: "edit" })}>
            Go on editing
          </button>
        </div>
      </div>
    </div>
  );
}

function Theirs({
  objects,
  onDecide,
}: {
  readonly objects: readonly AppliedObject[];
  readonly onDecide: Decide;
}): ReactElement | null {
  const theirs = objects.length === 1 ? theirsOf(objects[0]?.conflict) : undefined;
  if (theirs === undefined) return null;
  return (
    <button type="button" className="plain-button" onClick={() => onDecide({ what: "theirs", ...theirs })}>
      Take theirs, and lose mine
    </button>
  );
}

/** What somebody else made of an object. */
export function theirsOf(conflict: WriteConflict | undefined) {
  return conflict?.kind === "changed" ? conflict.theirs : undefined;
}

function Changed({ object: { name, conflict } }: { readonly object: AppliedObject }): ReactElement {
  const theirs = theirsOf(conflict);
  if (theirs === undefined)
    return (
      <p>
        Somebody deleted <span className="mono">{name}</span> since you opened it.
      </p>
    );
  return (
    <>
      <p>
        Somebody changed <span className="mono">{name}</span> since you opened it.
      </p>
      <details>
        <summary>Here is theirs</summary>
        <pre className="theirs mono">{theirs.yaml}</pre>
      </details>
    </>
  );
}

function Managed({ by }: { readonly by: readonly FieldManager[] }): ReactElement {
  return (
    <ul>
      {by.map(({ manager, fields }) => (
        <li key={`${manager}${fields.join()}`}>
          <span className="mono">{manager}</span> manages <span className="mono">{fields.join(", ")}</span>. What you
          write there, it may put back when it applies its own again.
        </li>
      ))}
    </ul>
  );
}
