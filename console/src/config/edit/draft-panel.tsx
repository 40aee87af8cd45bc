import type { ReactElement } from "react";
import type { Finding } from "../../../../src/api/contract/config.ts";
import type { DraftAnswer, DraftFinding, DraftObject } from "../../../../src/api/contract/edit.ts";
import { Part } from "../../drawer/drawer.tsx";
import { count } from "../../format/quantity.ts";
import { FindingNote } from "../finding-note.tsx";
import { LevelMark } from "../level-mark.tsx";
import type { DraftState } from "./use-draft.ts";

const words: Readonly<Record<DraftObject["outcome"], string>> = {
  created: "will be created",
  configured: "will be changed",
  unchanged: "stays as it is",
  refused: "is refused",
};

/** What the draft would do, and what is wrong with it. */
export function DraftPanel({
  draft,
  onLine,
}: {
  readonly draft: DraftState;
  readonly onLine: (line: number) => void;
}): ReactElement {
  const { answer, error } = draft;
  if (!answer)
    return (
      <Part title="What it would do">
        <p className="quiet">{error ? error.message : "Write something, and it is looked at as you type."}</p>
      </Part>
    );
  return (
    <>
      <Part title="What it would do">
        {answer.objects.length === 0 && <p className="quiet">There is no object in it yet.</p>}
        <ul className="draft-objects">
          {answer.objects.map((object) => (
            <li key={`${object.type}/${object.namespace}/${object.name}`}>
              <LevelMark level={object.outcome === "refused" ? "Error" : undefined} />
              <span>
                {object.kind} <span className="mono">{object.name}</span>
                {object.namespace && <span className="quiet"> in {object.namespace}</span>} {words[object.outcome]}
              </span>
            </li>
          ))}
        </ul>
        {!answer.whole && <p className="quiet">The mesh is large: the rest of it is looked at with the next change.</p>}
      </Part>
      <Part title={answer.findings.length === 0 ? "Nothing wrong in it" : count(answer.findings.length, "finding")}>
        <Own findings={answer.findings} onLine={onLine} />
      </Part>
      <Others title="It would bring elsewhere" findings={answer.brought} />
      <Others title="It would mend" findings={answer.mended} />
    </>
  );
}

function Own({
  findings,
  onLine,
}: {
  readonly findings: readonly DraftFinding[];
  readonly onLine: (line: number) => void;
}): ReactElement {
  if (findings.length === 0) return <p className="quiet">Neither by itself nor beside what the mesh has.</p>;
  return (
    <ul className="finding-list">
      {findings.map((finding) => (
        <FindingNote
          key={`${finding.code}${finding.line}${finding.message}`}
          finding={{ ...finding, at: `line ${finding.line}` }}
          onLine={() => onLine(finding.line)}
        />
      ))}
    </ul>
  );
}

function Others({
  title,
  findings,
}: {
  readonly title: string;
  readonly findings: DraftAnswer["brought"];
}): ReactElement | null {
  if (findings.length === 0) return null;
  return (
    <Part title={title}>
      <ul className="finding-list">
        {findings.map((finding: Finding) => (
          <FindingNote key={`${finding.code}${finding.at}${finding.message}`} finding={finding} />
        ))}
      </ul>
    </Part>
  );
}
