import type { ReactElement, ReactNode } from "react";

/** A figure that recedes where it is nothing, so that the eye stops at what is something. */
export function Calm({ zero, children }: { readonly zero: boolean; readonly children: ReactNode }): ReactElement {
  return <span className={zero ? "quiet" : undefined}>{children}</span>;
}
