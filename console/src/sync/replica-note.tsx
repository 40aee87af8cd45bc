import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { meshQuery } from "../api/queries.ts";

/** Whose proxies these are, where there are several replicas of the control plane. */
export function ReplicaNote(): ReactElement | null {
  const replica = useQuery(meshQuery).data?.replica;
  if (replica === undefined) return null;
  return (
    <p className="replica-note quiet">
      Replica <span className="mono">{replica}</span> answers, of the proxies that hang on it. Those that hang on the
      other replicas are told of by these alone.
    </p>
  );
}
