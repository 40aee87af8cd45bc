import type { ReactElement } from "react";
import { whereOf } from "./filters.ts";
import "./place.css";

/** File and line on one line; where room is short, it is the folders that give way. */
export function Place({ at }: { readonly at: string }): ReactElement {
  return (
    <span className="place mono" title={at}>
      <bdi>{whereOf(at)}</bdi>
    </span>
  );
}
