import { queryOptions, useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { ConfigChange } from "../../../../src/api/contract/changes.ts";
import { get } from "../../api/client.ts";
import { Drawer, Part } from "../../drawer/drawer.tsx";
import { Failure, Skeleton } from "../../notes/notes.tsx";
import { CopyCli } from "../../table/copy-cli.tsx";
import { OutcomeNote } from "./outcome-note.tsx";
import { useTakingBack } from "./use-writing.ts";
import "./desk.css";

const changesQuery = queryOptions({
  queryKey: ["config", "changes"],
  queryFn: ({ signal }) => get<readonly ConfigChange[]>("changes", signal),
});

/** What was changed here, the latest first; each can be taken back. */
export function ChangesDrawer(): ReactElement {
  const { data, error } = useQuery(changesQuery);
  const writing = useTakingBack();
  return (
    <Drawer
      title="Changes"
      label="Changes"
      under="The latest hundred"
      back="/config"
      wide
      actions={<CopyCli command="npx weft changes" />}
    >
      <OutcomeNote writing={writing} />
      {!data && (error ? <Failure error={error} /> : <Skeleton />)}
      {data?.length === 0 && (
        <Part title="Nothing was changed here yet">
          <p className="quiet">
            Here stands what the console and <code>npx weft apply</code> wrote, with who did it and a way back.
          </p>
        </Part>
      )}
      {data && data.length > 0 && (
        <ul className="changes">
          {data.map((change) => (
            <li key={change.id}>
              <time className="quiet" dateTime={new Date(change.at).toISOString()}>
                {new Date(change.at).toLocaleTimeString()}
              </time>
              <div>
                {change.objects.map((o) => (
                  <p key={`${o.type}/${o.namespace}/${o.name}`}>
                    {o.kind} <span className="mono">{o.name}</span>
                    {o.namespace && <span className="quiet"> in {o.namespace}</span>} {words[o.outcome]}
                  </p>
                ))}
                <p className="quiet">by {change.who}</p>
              </div>
              {change.takenBack ? (
                <span className="quiet">taken back</span>
              ) : (
                <button
                  type="button"
                  className="plain-button"
                  disabled={writing.busy}
                  onClick={() => void writing.write(change.id)}
                >
                  Take it back
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Drawer>
  );
}

const words = { created: "was created", configured: "was changed", deleted: "was deleted" } as const;
