import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactElement, useEffect, useState } from "react";
import type { ConfigDetail } from "../../../../src/api/contract/config.ts";
import { configDetailQuery } from "../../api/queries.ts";
import { Failure, Skeleton } from "../../notes/notes.tsx";
import { Desk } from "./desk.tsx";
import { factsQuery } from "./queries.ts";

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
  const [base, setBase] = useState({ yaml: object.yaml, basis: object.basis });
  const [text, setText] = useState(object.yaml);
  const inCluster = useQuery(factsQuery).data?.writes === "cluster";
  const key = `${object.type}/${object.namespace}/${object.name}`;
  const same = object.yaml === base.yaml || (inCluster && object.basis === base.basis);
  // A cluster gives back what it has in words of its own; where nothing was typed since, those stand here.
  const isUntouched = text.trim() === base.yaml.trim();
  useEffect(() => {
    if (!inCluster || !isUntouched || object.basis === base.basis) return;
    setBase({ yaml: object.yaml, basis: object.basis });
    setText(object.yaml);
  }, [inCluster, isUntouched, object.yaml, object.basis, base.basis]);
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
      start={base.yaml}
      bases={[`${key}@${base.basis}`]}
      changed={same ? undefined : object.yaml}
      onWritten={(yaml) => setBase({ yaml, basis: base.basis })}
      onTakeTheirs={(yaml, basis = object.basis) => setBase({ yaml, basis })}
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
