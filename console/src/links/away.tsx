import type { ReactElement, ReactNode } from "react";

/** A link to a page of somebody else: http(s) alone; anything else stays text. */
export function Away({ to, children }: { readonly to: string; readonly children: ReactNode }): ReactElement {
  if (!/^https?:\/\//.test(to)) return <span>{children}</span>;
  return (
    <a className="link" href={to} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}
