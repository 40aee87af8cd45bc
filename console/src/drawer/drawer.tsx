import { useRouter } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useCallback, useEffect, useRef } from "react";
import type { PagePath } from "../frame/rail-entries.ts";
import { Icon } from "../icons/icon.tsx";
import "./drawer.css";

interface DrawerProps {
  readonly title: ReactNode;
  /** What it is called for those who hear it. */
  readonly label: string;
  readonly under?: ReactNode;
  /** Address of the page behind. */
  readonly back: PagePath;
  readonly wide?: boolean;
  /** Wider still: all but the first columns of the list behind. */
  readonly detail?: boolean;
  readonly actions?: ReactNode;
  readonly tabs?: ReactNode;
  readonly children: ReactNode;
}

/** Detail beside the page. It takes the focus when it opens, gives it back when it closes; Escape closes it. */
export function Drawer(props: DrawerProps): ReactElement {
  const { title, label, under, back, wide, detail, actions, tabs, children } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  const router = useRouter();
  const close = useCallback(() => void router.navigate({ to: back, search: true }), [router, back]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus moves to the heading whenever the drawer shows another thing
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [label]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) close();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [close]);
  return (
    <aside className={detail ? "drawer detail" : wide ? "drawer wide" : "drawer"} aria-label={label}>
      <header>
        <div className="titles">
          <h2 ref={heading} tabIndex={-1}>
            {title}
          </h2>
          {under && <div className="under">{under}</div>}
        </div>
        {actions}
        <button type="button" className="icon-button" onClick={close} aria-label="Close" aria-keyshortcuts="Escape">
          <Icon name="close" />
        </button>
      </header>
      {tabs}
      <div className="drawer-body">{children}</div>
    </aside>
  );
}

/** A part of a drawer under its own small title. */
export function Part({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <section className="part">
      <div className="part-head">
        <h3>{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}
