import type { ReactElement, ReactNode } from "react";
import { useEffect, useState } from "react";
import { AnswerError } from "../api/client.ts";
import { CopyCli } from "../table/copy-cli.tsx";
import "./notes.css";

/** What would be here, and the command that makes it so. */
export function Empty({
  title,
  children,
  command,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly command?: string;
}): ReactElement {
  return (
    <div className="note">
      <h2>{title}</h2>
      <p>{children}</p>
      {command && (
        <div className="command">
          <code>{command}</code>
          <CopyCli command={command} label="Copy" />
        </div>
      )}
    </div>
  );
}

/** What stands above a refusal, by its status. */
const refusals: Readonly<Record<number, string>> = { 401: "Log in to see this", 403: "You may not see this" };

/** An answer that was an error: what, and how to mend it. That nobody answers is said by the frame. */
export function Failure({ error }: { readonly error: Error }): ReactElement {
  const answered = error instanceof AnswerError;
  return (
    <div className="note" role="alert">
      <h2>
        {answered ? (refusals[error.status] ?? "The control plane could not answer this") : "Nothing to show yet"}
      </h2>
      <p>{answered ? error.message : "The control plane does not answer. The page fills as soon as it does."}</p>
      {answered && error.fix && <p>{error.fix}</p>}
    </div>
  );
}

/** Grey bars, but only once waiting takes longer than 300 ms. */
export function Skeleton({ rows = 8 }: { readonly rows?: number }): ReactElement | null {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div className="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => `bar-${i}`).map((id, i) => (
        <div key={id} style={{ width: `${92 - ((i * 17) % 40)}%` }} />
      ))}
    </div>
  );
}
