import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useId, useState } from "react";
import type { ConfigDetail } from "../../../../src/api/contract/config.ts";
import type { Reference } from "../../../../src/api/contract/references.ts";
import { count } from "../../format/quantity.ts";
import { CopyCli } from "../../table/copy-cli.tsx";
import { ReferenceList } from "../references-part.tsx";
import { deleteCliOf } from "./cli.ts";
import { OutcomeNote } from "./outcome-note.tsx";
import { factsQuery, referencesQuery, writingQuery } from "./queries.ts";
import { useWriting } from "./use-writing.ts";
import "./desk.css";

/** Opens the question whether an object shall go. */
export function DeleteButton({ object }: { readonly object: ConfigDetail }): ReactElement {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" className="plain-button danger" onClick={() => setAsking(true)}>
        Delete
      </button>
      {asking && <DeleteDialog object={object} onClose={() => setAsking(false)} />}
    </>
  );
}

/** Takes the object out of the mesh once its name is typed. */
function DeleteDialog({
  object,
  onClose,
}: {
  readonly object: ConfigDetail;
  readonly onClose: () => void;
}): ReactElement {
  const [typed, setTyped] = useState("");
  const field = useId();
  const writing = useWriting("delete");
  const writes = useQuery(factsQuery).data?.writes ?? "overlay";
  const navigate = useNavigate();
  const { kind, name, namespace } = object;
  const { data } = useQuery(referencesQuery(object.type, namespace || "-", name));
  const may = useQuery(writingQuery("delete", object)).data;
  const remove = async (looks = true) => {
    const bases = [`${object.type}/${namespace}/${name}@${object.basis}`];
    const draft = { text: identityOf(object), ...(writes === "cluster" ? { bases, looks } : {}) };
    if (!(await writing.write(draft))) return;
    onClose();
    await navigate({ to: "/config", search: true, ignoreBlocker: true });
  };
  return (
    <Modal opened onClose={onClose} title={`Delete ${kind} ${name}?`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === name) void remove();
        }}
      >
        <p>
          {object.proxies.total > 0
            ? `${object.proxies.total} ${object.proxies.total === 1 ? "proxy holds" : "proxies hold"} what was made of it.`
            : "No proxy holds anything made of it."}{" "}
          A file that says it stays as it is; the mesh forgets it until it is applied again.
        </p>
        {data && data.usedBy.length > 0 && (
          <>
            <p className="dependants">{count(dependants(data.usedBy), "object")} would name something that is gone:</p>
            <ReferenceList references={data.usedBy} />
          </>
        )}
        <label className="field" htmlFor={field}>
          Type <b className="mono">{name}</b> to delete it
          <input id={field} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
        </label>
        {writes === "nowhere" && <p className="quiet">This control plane writes nothing: copy the command instead.</p>}
        {may?.allowed === false && <p className="quiet">{may.why}</p>}
        <OutcomeNote
          writing={writing}
          onDecide={({ what }) => {
            writing.clear();
            if (what === "write") void remove(false);
            if (what === "theirs") onClose();
          }}
        />
        <div className="dialog-buttons">
          <CopyCli command={deleteCliOf(writes, object)} />
          <div className="push" />
          <button type="button" className="plain-button" onClick={onClose}>
            Keep it
          </button>
          <button
            type="submit"
            className="main-button danger"
            disabled={typed !== name || writing.busy || writes === "nowhere" || may?.allowed === false}
          >
            Delete
          </button>
        </div>
      </form>
    </Modal>
  );
}

function dependants(references: readonly Reference[]): number {
  return new Set(references.map(({ object: o }) => o && `${o.type}/${o.namespace}/${o.name}`)).size;
}

function identityOf({ apiVersion, kind, name, namespace }: ConfigDetail): string {
  return JSON.stringify({ apiVersion, kind, metadata: { name, ...(namespace === "" ? {} : { namespace }) } });
}
