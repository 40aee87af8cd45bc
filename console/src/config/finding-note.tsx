import type { ReactElement, ReactNode } from "react";
import type { Finding } from "../../../src/api/contract/config.ts";
import { lineOf } from "./filters.ts";
import { LevelMark } from "./level-mark.tsx";

/** A finding in full: where, what, how to mend it. */
export function FindingNote({
  finding,
  onLine,
  children,
}: {
  readonly finding: Finding;
  readonly onLine?: (line: number) => void;
  /** What stands below it. */
  readonly children?: ReactNode;
}): ReactElement {
  const line = lineOf(finding.at);
  return (
    <li className="finding">
      <LevelMark level={finding.level} />
      <div>
        <p>
          {finding.field && <span className="mono">{finding.field}: </span>}
          {finding.message}
        </p>
        {finding.fix && <p className="fix">To mend it: {finding.fix}</p>}
        <p className="where quiet">
          <span className="mono">{[finding.code, ...(finding.also ?? [])].join(" / ")}</span>
          {onLine && (line !== undefined || finding.at.startsWith("line ")) ? (
            <button type="button" className="link mono" onClick={() => onLine(line ?? 1)}>
              {finding.at}
            </button>
          ) : (
            <span className="mono">{finding.at}</span>
          )}
        </p>
        {children}
      </div>
    </li>
  );
}
