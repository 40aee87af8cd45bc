import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useId, useState } from "react";
import type { InjectionAnswer, InjectionChange } from "../../../src/api/contract/injection.ts";
import { AnswerError } from "../api/client.ts";
import { factsQuery } from "../config/edit/queries.ts";
import { Part } from "../drawer/drawer.tsx";
import { count } from "../format/quantity.ts";
import { CopyCli } from "../table/copy-cli.tsx";
import { useInjecting } from "./queries.ts";
import "./injection.css";

interface InjectionPartProps {
  readonly namespace: string;
  /** Absent: the namespace itself. */
  readonly workload?: string;
  /** Revisions that namespaces of the mesh name. */
  readonly revisions: readonly string[];
}

/** Sidecars on, off, or by another revision; shown first, then made. In a cluster alone: on one machine manifests say it. */
export function InjectionPart(props: InjectionPartProps): ReactElement | null {
  const writes = useQuery(factsQuery).data?.writes;
  return writes === "cluster" ? <Injecting {...props} /> : null;
}

function Injecting({ namespace, workload, revisions }: InjectionPartProps): ReactElement {
  const [wanted, setWanted] = useState("enabled");
  const [revision, setRevision] = useState("");
  const looking = useInjecting(true);
  const writing = useInjecting(false);
  const list = useId();
  const forget = () => {
    looking.reset();
    writing.reset();
  };
  const to: InjectionChange["to"] = wanted === "revision" ? { revision } : (wanted as "enabled");
  const change = { namespace, ...(workload === undefined ? {} : { workload }), to };
  const shown = writing.data ?? looking.data;
  const error = writing.error ?? looking.error;
  return (
    <Part title="Sidecars">
      <div className="injection">
        <select
          aria-label="Sidecars"
          value={wanted}
          onChange={({ currentTarget }) => {
            forget();
            setWanted(currentTarget.value);
          }}
        >
          <option value="enabled">{workload === undefined ? "on, by the default revision" : "on"}</option>
          {workload === undefined && <option value="revision">on, by revision</option>}
          <option value="disabled">off</option>
          <option value="unsaid">{workload === undefined ? "not said here" : "as its namespace says"}</option>
        </select>
        {wanted === "revision" && (
          <>
            <input
              aria-label="Revision or tag"
              placeholder="revision or tag"
              list={list}
              value={revision}
              onChange={({ currentTarget }) => {
                forget();
                setRevision(currentTarget.value.trim());
              }}
            />
            <datalist id={list}>
              {revisions.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </datalist>
          </>
        )}
        <button
          type="button"
          className="plain-button"
          disabled={looking.isPending || (wanted === "revision" && revision === "")}
          onClick={() => {
            forget();
            looking.mutate(change);
          }}
        >
          Show the change
        </button>
      </div>
      {error && (
        <p className="bad" role="alert">
          {error.message}
          {error instanceof AnswerError && error.fix && <span className="quiet">. {error.fix}</span>}
        </p>
      )}
      {shown && (
        <Shown answer={shown} busy={writing.isPending} onWrite={() => writing.mutate(change)} onLeave={forget} />
      )}
    </Part>
  );
}

function Shown({
  answer,
  busy,
  onWrite,
  onLeave,
}: {
  readonly answer: InjectionAnswer;
  readonly busy: boolean;
  readonly onWrite: () => void;
  readonly onLeave: () => void;
}): ReactElement {
  const { dryRun, object, patch, command, restart, warnings } = answer;
  return (
    <div className="injection-shown" role="status">
      <p>{dryRun ? `${object} will get this patch:` : `${object} has it.`}</p>
      {dryRun && <pre className="mono">{JSON.stringify(patch, undefined, 2)}</pre>}
      {warnings.map((words) => (
        <p key={words}>{words}</p>
      ))}
      <p className="quiet">
        {restart === undefined
          ? "Its Pods are made anew by it, one after another."
          : "Pods that run stay as they are until they are restarted."}{" "}
        {podsInWords(answer)}
      </p>
      <div className="injection">
        {dryRun && (
          <button type="button" className="main-button" disabled={busy} onClick={onWrite}>
            Apply
          </button>
        )}
        <button type="button" className="plain-button" onClick={onLeave}>
          {dryRun ? "Leave it" : "Close"}
        </button>
        <CopyCli command={command} />
        {restart !== undefined && <CopyCli command={restart} label="Copy the restart" />}
      </div>
    </div>
  );
}

/** Names of Pods are told up to this number. */
const most = 5;

function podsInWords({ within, without }: InjectionAnswer): string {
  if (within.length + without.length === 0) return "None runs now.";
  if (without.length === 0) return `${count(within.length, "Pod")} run now, each with a sidecar.`;
  const named = without.slice(0, most).join(", ");
  const more = without.length > most ? ` and ${without.length - most} more` : "";
  return `${without.length} of ${count(within.length + without.length, "Pod")} run without a sidecar: ${named}${more}.`;
}
