import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Way } from "./read-on.ts";

/** Ways to other pages, as lines of a list. */
export function WayLinks({ ways }: { readonly ways: readonly Way[] }): ReactElement {
  return (
    <>
      {ways.map(({ words, to, search }) => (
        <li key={words}>
          <Link to={to} search={search as never}>
            {words}
          </Link>
        </li>
      ))}
    </>
  );
}
