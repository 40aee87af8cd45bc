import { Link } from "@tanstack/react-router";
import { lazy, type ReactElement, type ReactNode, Suspense, useState } from "react";
import type { ConfigDetail } from "../../../../src/api/contract/config.ts";
import { Skeleton } from "../../notes/notes.tsx";
import { CopyCli } from "../../table/copy-cli.tsx";
import { cliOf } from "./cli.ts";
import { DeleteButton } from "./delete-dialog.tsx";
import { DraftPanel } from "./draft-panel.tsx";
import { LeavePrompt } from "./leave-prompt.tsx";
import { OutcomeNote } from "./outcome-note.tsx";
import { useDraft } from "./use-draft.ts";
import { useKnowledge } from "./use-knowledge.ts";
import { useWriting } from "./use-writing.ts";
import "./desk.css";

const YamlEditor = lazy(() => import("./yaml-editor.tsx").then((module) => ({ default: module.YamlEditor })));

interface DeskProps {
  readonly title: ReactNode;
  readonly label: string;
  /** The text as it is in the mesh; empty for a new one. */
  readonly start: string;
  /** What the object says now, where somebody else changed it since. */
  readonly changed?: string | undefined;
  readonly onWritten?: (text: string) => void;
  readonly onTakeTheirs?: (text: string) => void;
  /** The object that is edited; absent for a new one. */
  readonly object?: ConfigDetail;
}

/** YAML on the left, what it would do on the right; it is written when asked to, and can be left without. */
export function Desk({ title, label, start, changed, onWritten, onTakeTheirs, object }: DeskProps): ReactElement {
  const [text, setText] = useState(start);
  const [goTo, setGoTo] = useState<{ readonly line: number }>();
  const draft = useDraft(text);
  const writing = useWriting("apply");
  const knowledge = useKnowledge();
  const dirty = text.trim() !== start.trim() && text.trim() !== "";
  const apply = async () => {
    if (await writing.write(text)) onWritten?.(text);
  };
  return (
    <section className="desk" aria-label={label}>
      <header className="desk-head">
        <Link to="/config" search={true} className="quiet">
          Config
        </Link>
        <h1>{title}</h1>
        <div className="push" />
        <CopyCli command={cliOf("apply", text)} />
        {object && <DeleteButton object={object} />}
        <button
          type="button"
          className="plain-button"
          disabled={!dirty}
          onClick={() => {
            setText(start);
            writing.clear();
          }}
        >
          Discard
        </button>
        <button
          type="button"
          className="main-button"
          disabled={!dirty || writing.busy || refusedIn(draft)}
          title={refusedIn(draft) ? "What is refused cannot be applied: the right side says why" : undefined}
          onClick={() => void apply()}
        >
          Apply
        </button>
      </header>
      {changed !== undefined && dirty && (
        <Meanwhile
          onTake={() => {
            setText(changed);
            onTakeTheirs?.(changed);
          }}
          onKeep={() => onTakeTheirs?.(changed)}
        />
      )}
      <OutcomeNote writing={writing} />
      <div className="desk-body">
        <Suspense fallback={<Skeleton />}>
          <YamlEditor
            label={`YAML of ${label}`}
            text={text}
            onText={setText}
            findings={draft.answer?.findings ?? none}
            knowledge={knowledge}
            goTo={goTo}
          />
        </Suspense>
        <aside className="desk-side" aria-label="What it would do">
          <DraftPanel draft={draft} onLine={(line) => setGoTo({ line })} />
        </aside>
      </div>
      <LeavePrompt dirty={dirty} />
    </section>
  );
}

const none = [] as const;

function refusedIn({ answer, current }: ReturnType<typeof useDraft>): boolean {
  return current && (answer?.objects.some((o) => o.outcome === "refused") ?? false);
}

/** Somebody else changed the object while it was edited here. */
function Meanwhile({ onTake, onKeep }: { readonly onTake: () => void; readonly onKeep: () => void }): ReactElement {
  return (
    <div className="outcome" role="alert">
      <p>
        It was changed elsewhere since you began.{" "}
        <button type="button" className="link" onClick={onTake}>
          Take that, and lose what is here
        </button>{" "}
        or{" "}
        <button type="button" className="link" onClick={onKeep}>
          keep yours over it
        </button>
        .
      </p>
    </div>
  );
}
