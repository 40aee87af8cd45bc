import { useQuery } from "@tanstack/react-query";
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
import { factsQuery } from "./queries.ts";
import { useDecided } from "./use-decided.ts";
import { useDraft } from "./use-draft.ts";
import { useKnowledge } from "./use-knowledge.ts";
import { useWritable } from "./use-writable.ts";
import { useWriting } from "./use-writing.ts";
import "../config.css";
import "./desk.css";

const YamlEditor = lazy(() => import("./yaml-editor.tsx").then((module) => ({ default: module.YamlEditor })));

interface DeskProps {
  readonly title: ReactNode;
  readonly label: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  /** The text as it is in the mesh; empty for a new one. */
  readonly start: string;
  /** Nothing of it is in the mesh yet: there is nothing to go back to. */
  readonly isNew?: boolean;
  /** Nothing of it is the user's own yet: nobody is asked before it is left. */
  readonly untouched?: boolean;
  /** Why it cannot be applied yet. */
  readonly problems?: readonly string[];
  /** What the object says now, where somebody else changed it since. */
  readonly changed?: string | undefined;
  readonly onWritten?: (text: string) => void;
  /** @param basis absent: that of what the mesh has now. */
  readonly onTakeTheirs?: (text: string, basis?: string) => void;
  /** What the objects said when they were seen: `TYPE/NAMESPACE/NAME@BASIS`. */
  readonly bases?: readonly string[];
  /** The object that is edited; absent for a new one. */
  readonly object?: ConfigDetail;
  /** A form beside the text. */
  readonly children?: ReactNode;
}

/** YAML on the left, what it would do on the right; it is written when asked to, and can be left without. */
export function Desk(props: DeskProps): ReactElement {
  const { title, label, text, onText, start, changed, onWritten, onTakeTheirs, object, problems = [] } = props;
  const [goTo, setGoTo] = useState<{ readonly line: number }>();
  const draft = useDraft(text);
  const writing = useWriting("apply");
  const knowledge = useKnowledge();
  const writes = useQuery(factsQuery).data?.writes ?? "overlay";
  const mayNot = useWritable(draft, object);
  const why = [
    ...(writes === "nowhere" ? ["This control plane writes nothing: copy the command, and run it where you may."] : []),
    ...mayNot,
    ...problems,
    ...(refusedIn(draft) ? ["What is refused cannot be applied: the findings say why."] : []),
  ];
  const dirty = text.trim() !== start.trim() && text.trim() !== "";
  const [before, setBefore] = useState(start);
  const { apply, onDecide } = useDecided({
    ...{ writing, text, bases: props.bases ?? none, looks: writes === "cluster" },
    onBegin: () => setBefore(start),
    onWritten: () => onWritten?.(text),
    onTheirs: (yaml, basis) => {
      onText(yaml);
      onTakeTheirs?.(yaml, basis);
    },
  });
  // The text stays where it is: it may be mended and applied again.
  const onTakenBack = () => onWritten?.(before);
  return (
    <section className="desk" aria-label={label}>
      <header className="desk-head">
        <Link to="/config" search={true} className="quiet">
          Config
        </Link>
        <h1>{title}</h1>
        <div className="push" />
        <CopyCli command={cliOf(writes, text)} />
        {object && <DeleteButton object={object} />}
        {!props.isNew && (
          <button
            type="button"
            className="plain-button"
            disabled={!dirty}
            onClick={() => {
              onText(start);
              writing.clear();
            }}
          >
            Discard
          </button>
        )}
        <button
          type="button"
          className="main-button"
          disabled={!dirty || writing.busy || why.length > 0}
          title={why[0]}
          onClick={() => void apply()}
        >
          Apply
        </button>
      </header>
      {changed !== undefined && dirty && (
        <Meanwhile
          onTake={() => {
            onText(changed);
            onTakeTheirs?.(changed);
          }}
          onKeep={() => onTakeTheirs?.(changed)}
        />
      )}
      {(writes === "nowhere" || mayNot.length > 0) && <p className="outcome quiet">{why[0]}</p>}
      <OutcomeNote writing={writing} onTakenBack={onTakenBack} onDecide={onDecide} />
      <div className={props.children ? "desk-body with-form" : "desk-body"}>
        {props.children}
        <Suspense fallback={<Skeleton />}>
          <YamlEditor
            label={`YAML of ${label}`}
            text={text}
            onText={onText}
            findings={draft.answer?.findings ?? none}
            knowledge={knowledge}
            goTo={goTo}
          />
        </Suspense>
        <aside className="desk-side" aria-label="What it would do">
          <DraftPanel draft={draft} onLine={(line) => setGoTo({ line })} />
        </aside>
      </div>
      <LeavePrompt dirty={dirty && !props.untouched} />
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
