import { CatchBoundary, Link, useSearch } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, Suspense } from "react";
import type { Health } from "../../../src/api/contract/health.ts";
import { Drawer } from "../drawer/drawer.tsx";
import type { PagePath } from "../frame/rail-entries.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { Failure, Skeleton } from "../notes/notes.tsx";
import type { DetailSearch } from "./detail-search.ts";
import type { Subject } from "./subject.ts";
import { tabsOf } from "./tabs.ts";
import "./detail.css";

interface DetailDrawerProps {
  readonly subject: Subject;
  readonly health?: Health;
  /** One sentence that says how it is. */
  readonly sentence?: string;
  /** The list that it is one of. */
  readonly back: PagePath;
  /** What can be done to it, and "copy as CLI". */
  readonly actions?: ReactNode;
  /** Its overview. */
  readonly children: ReactNode;
}

/** A detail with its tabs. The list behind stays in sight by its first columns, so that the next row is one click away. */
export function DetailDrawer(props: DetailDrawerProps): ReactElement {
  const { subject, health, sentence, back, actions, children } = props;
  const { tab: asked } = useSearch({ strict: false }) as DetailSearch;
  const tabs = tabsOf(subject.kind);
  const tab = tabs.find((t) => t.id === asked);
  const title = (
    <>
      {health && <HealthMark health={health} />}
      <span className="mono">{subject.name}</span>
      {subject.namespace && <span className="quiet in">in {subject.namespace}</span>}
    </>
  );
  return (
    <Drawer
      title={title}
      label={subject.name}
      under={sentence}
      back={back}
      detail
      actions={actions}
      tabs={<TabLinks tabs={tabs} name={subject.name} />}
    >
      {tab ? (
        <CatchBoundary
          getResetKey={() => `${tab.id} ${subject.name}`}
          errorComponent={({ error }) => <Failure error={error instanceof Error ? error : new Error(String(error))} />}
        >
          <Suspense fallback={<Skeleton />}>
            <tab.component subject={subject} />
          </Suspense>
        </CatchBoundary>
      ) : (
        children
      )}
    </Drawer>
  );
}

interface TabLinksProps {
  readonly tabs: readonly { readonly id: string; readonly label: string }[];
  readonly name: string;
}

/** Each tab is an address of its own, so it can be opened beside, kept and sent. */
function TabLinks({ tabs, name }: TabLinksProps): ReactElement | null {
  if (tabs.length === 0) return null;
  return (
    <nav className="tabs" aria-label={`Parts of ${name}`}>
      {[{ id: "overview", label: "Overview" }, ...tabs].map(({ id, label }) => (
        <Link
          key={id}
          to="."
          replace
          search={(before: object) => ({ ...before, tab: id === "overview" ? undefined : id })}
          activeOptions={{ exact: true, includeSearch: true }}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
