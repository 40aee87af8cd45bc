import type { FieldPath } from "../../model/origin.ts";

export type ListenerProtocol = "HTTP" | "HTTPS" | "TLS" | "TCP" | "UDP";

/** Something that a listener cannot do: a reason of the specification's conditions. */
export interface ListenerFault {
  readonly condition: "Accepted" | "ResolvedRefs" | "Conflicted";
  readonly reason: string;
  /** A sentence without a full stop. */
  readonly message: string;
  /** In the object that holds it. */
  readonly path: FieldPath;
  /** It does not keep the listener from serving. */
  readonly partial?: boolean;
}
