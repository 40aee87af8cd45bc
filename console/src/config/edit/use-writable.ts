import { useQueries, useQuery } from "@tanstack/react-query";
import type { ConfigDetail } from "../../../../src/api/contract/config.ts";
import { writingQuery } from "./queries.ts";
import type { DraftState } from "./use-draft.ts";

/** More than these are not asked about beforehand: each is told when it is written. */
const mostAsked = 10;

/** Why who is here cannot write what the draft says, in sentences, before they press anything; none where they can, or nobody knows yet. */
export function useWritable(draft: DraftState, object: ConfigDetail | undefined): readonly string[] {
  const drafted = (draft.answer?.objects ?? []).filter((o) => o.outcome === "created" || o.outcome === "configured");
  const asked = drafted.slice(0, mostAsked);
  const answers = useQueries({
    queries: asked.map((o) => writingQuery(o.outcome === "created" ? "create" : "update", o)),
  });
  const nothing = { type: "", namespace: "", name: "" };
  const own = useQuery({ ...writingQuery("update", object ?? nothing), enabled: object !== undefined });
  const told = [own.data, ...answers.map(({ data }) => data)];
  return [
    ...new Set(told.flatMap((data) => (data?.allowed === false ? [data.why ?? "You may not change that."] : []))),
  ];
}
