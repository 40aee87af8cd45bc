import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { Drawer } from "../drawer/drawer.tsx";
import type { PagePath } from "../frame/rail-entries.ts";
import { Failure, Skeleton } from "../notes/notes.tsx";

interface NotThereProps {
  readonly name: string;
  readonly back: PagePath;
  readonly query: Pick<UseQueryResult, "data" | "error">;
  /** Why a thing of that name may be missing. */
  readonly children: string;
}

/** A detail before there is an answer, and where the answer has no such thing. */
export function NotThere({ name, back, query, children }: NotThereProps): ReactElement {
  return (
    <Drawer title={name} label={name} back={back} detail>
      {query.error ? (
        <Failure error={query.error} />
      ) : query.data ? (
        <p className="part quiet">{children}</p>
      ) : (
        <Skeleton />
      )}
    </Drawer>
  );
}
