import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { ConfigDetail } from "../../../../src/api/contract/config.ts";
import { configDetailQuery } from "../../api/queries.ts";
import { Failure, Skeleton } from "../../notes/notes.tsx";
import { Desk } from "./desk.tsx";

const route = getRouteApi("/config/edit/$type/$namespace/$name");

/** One object's YAML to change. */
export function EditPage(): ReactElement {
  const { type, namespace, name } = route.useParams();
  const { data, error } = useQuery(configDetailQuery(type, namespace, name));
  if (!data) return error ? <Failure error={error} /> : <Skeleton />;
  return <Editing key={`${type}/${namespace}/${name}`} object={data} />;
}

function Editing({ object }: { readonly object: ConfigDetail }): ReactElement {
  // What was there when editing began: another's change meanwhile is told, and not written over unseen.
  const [base, setBase] = useState(object.yaml);
  const [text, setText] = useState(object.yaml);
  const where = object.namespace ? ` in ${object.namespace}` : "";
  if (object.type === "Secret")
    return (
      <div className="note">
        <h2>A Secret is not edited here</h2>
        <p>Its values are not shown, so what would be written back is not what it holds. Change its file instead.</p>
      </div>
    );
  return (
    <Desk
      title={
        <>
          Edit {object.kind} <span className="mono">{object.name}</span>
          <span className="quiet">{where}</span>
        </>
      }
      label={`${object.kind} ${object.name}`}
      text={text}
      onText={setText}
      start={base}
      changed={object.yaml === base ? undefined : object.yaml}
      onWritten={setBase}
      onTakeTheirs={setBase}
      object={object}
    />
  );
}

/** A new object, from an empty text. */
export function NewYamlPage(): ReactElement {
  const [text, setText] = useState("");
  const [written, setWritten] = useState("");
  return (
    <Desk
      title="New object"
      label="New object"
      text={text}
      onText={setText}
      start={written}
      isNew
      onWritten={setWritten}
    />
  );
}
