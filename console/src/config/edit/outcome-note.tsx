import type { ReactElement } from "react";
import type { ApplyAnswer } from "../../../../src/api/contract/apply.ts";
import { AnswerError } from "../../api/client.ts";
import { count } from "../../format/quantity.ts";
import { HealthMark } from "../../health/health-mark.tsx";
import { type Decide, QuestionNote } from "./question-note.tsx";
import { Refusals } from "./refusals.tsx";
import { useTakingBack, type Writing } from "./use-writing.ts";

/** What became of a change: object by object, and how many proxies have it. */
export function OutcomeNote({
  writing,
  onTakenBack,
  onDecide,
}: {
  readonly writing: Omit<Writing, "write">;
  readonly onTakenBack?: () => void;
  /** What is done where the cluster leaves a choice. */
  readonly onDecide?: Decide;
}): ReactElement | null {
  const { answer, error, busy } = writing;
  if (busy) return <p className="outcome quiet">Writing, and waiting for the proxies.</p>;
  if (error)
    return (
      <div className="outcome" role="alert">
        <HealthMark health="failing" />
        <div>
          <p>
            {error instanceof AnswerError
              ? error.message
              : "No control plane answered. Nothing is known to be written."}
          </p>
          {error instanceof AnswerError && error.fix && <p className="quiet">{error.fix}</p>}
        </div>
      </div>
    );
  if (!answer) return null;
  const refused = answer.objects.some((o) => o.outcome === "refused");
  if (onDecide && (answer.dryRun || answer.objects.some((o) => o.conflict)))
    return <QuestionNote answer={answer} onDecide={onDecide} />;
  return (
    <div className="outcome" role="status">
      <HealthMark health={refused ? "failing" : answer.wait?.done === false ? "degraded" : "healthy"} />
      <div>
        <p>{answer.objects.map((o) => `${o.name} ${o.outcome}`).join(", ")}.</p>
        {refused && <Refusals answer={answer} />}
        {!refused && answer.wait && <p className="quiet">{forceOf(answer.wait)}</p>}
      </div>
      {answer.change !== undefined && onTakenBack && (
        <TakeBack key={answer.change} id={answer.change} onDone={onTakenBack} />
      )}
    </div>
  );
}

/** Puts back what the change touched, as it was before it. */
function TakeBack({ id, onDone }: { readonly id: string; readonly onDone: () => void }): ReactElement {
  const undoing = useTakingBack();
  if (undoing.answer) return <p>Taken back.</p>;
  return (
    <>
      <div className="push" />
      {undoing.error && <p className="bad">{undoing.error.message}</p>}
      <button
        type="button"
        className="plain-button"
        disabled={undoing.busy}
        onClick={() => void undoing.write(id).then((done) => done && onDone())}
      >
        Take it back
      </button>
    </>
  );
}

function forceOf({ done, synced, total, waitingFor }: NonNullable<ApplyAnswer["wait"]>): string {
  if (total === 0) return "No proxy is connected; those that come will have it.";
  if (done) return `${total === 1 ? "The one proxy has" : `All ${count(total, "proxy", "proxies")} have`} it.`;
  const missing = waitingFor.slice(0, 3).join(", ");
  const more = waitingFor.length > 3 ? ` and ${waitingFor.length - 3} more` : "";
  return `${synced} of ${count(total, "proxy", "proxies")} have it; waiting for ${missing || "the control plane to read it"}${more}. The change stays.`;
}
