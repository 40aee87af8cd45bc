import { queryOptions, useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { DeletedObject } from "../../../../src/api/contract/deleted.ts";
import { get } from "../../api/client.ts";
import { Drawer, Part } from "../../drawer/drawer.tsx";
import { shows, useView } from "../../frame/view.ts";
import { Failure, Skeleton } from "../../notes/notes.tsx";
import { CopyCli } from "../../table/copy-cli.tsx";
import { OutcomeNote } from "./outcome-note.tsx";
import { useRestoring } from "./use-writing.ts";
import "./desk.css";

const deletedQuery = queryOptions({
  queryKey: ["config", "deleted"],
  queryFn: ({ signal }) => get<readonly DeletedObject[]>("deleted", signal),
});

/** What was deleted within a day and is still gone; each comes back as it was. */
export function DeletedDrawer(): ReactElement {
  const { data, error } = useQuery(deletedQuery);
  const { namespaces } = useView();
  const writing = useRestoring();
  const shown = data?.filter((o) => o.namespace === "" || shows(namespaces, o.namespace));
  return (
    <Drawer
      title="Lately deleted"
      label="Lately deleted"
      under="Kept for a day, also when the control plane starts anew"
      back="/config"
      wide
      actions={<CopyCli command="npx weft changes --deleted" />}
    >
      <OutcomeNote writing={writing} />
      {!shown && (error ? <Failure error={error} /> : <Skeleton />)}
      {shown?.length === 0 && (
        <Part title="Nothing that was deleted is gone">
          <p className="quiet">
            What the console or <code>npx weft delete</code> deletes stands here for a day, and comes back as it was.
          </p>
        </Part>
      )}
      {shown && shown.length > 0 && (
        <ul className="changes">
          {shown.map((object) => (
            <Deleted key={keyOf(object)} object={object} busy={writing.busy} onRestore={writing.write} />
          ))}
        </ul>
      )}
    </Drawer>
  );
}

interface DeletedProps {
  readonly object: DeletedObject;
  readonly busy: boolean;
  readonly onRestore: (object: DeletedObject) => Promise<boolean>;
}

function Deleted({ object, busy, onRestore }: DeletedProps): ReactElement {
  const { kind, name, namespace, at, who, until } = object;
  return (
    <li>
      <time className="quiet" dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
        {new Date(at).toLocaleTimeString()}
      </time>
      <div>
        <p>
          {kind} <span className="mono">{name}</span>
          {namespace && <span className="quiet"> in {namespace}</span>}
        </p>
        <p className="quiet">
          by {who}, kept until {new Date(until).toLocaleString()}
        </p>
      </div>
      <button
        type="button"
        className="plain-button"
        aria-label={`Restore ${kind} ${name}`}
        disabled={busy}
        onClick={() => void onRestore(object)}
      >
        Restore
      </button>
    </li>
  );
}

function keyOf({ change, type, namespace, name }: DeletedObject): string {
  return `${change}/${type}/${namespace}/${name}`;
}
