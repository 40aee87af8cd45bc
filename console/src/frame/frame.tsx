import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { type Live, useLive } from "../api/live.ts";
import { LoginPage } from "../who/login.tsx";
import { sessionQuery } from "../who/queries.ts";
import { SessionMenu } from "../who/session-menu.tsx";
import { AwayNote, MeshState } from "./mesh-state.tsx";
import { NamespacePicker } from "./namespace-picker.tsx";
import { Rail } from "./rail.tsx";
import { RefreshMenu } from "./refresh-menu.tsx";
import { SearchButton } from "./search.tsx";
import { ThemePicker } from "./theme-picker.tsx";
import { TimeRange } from "./time-range.tsx";
import { useTitle } from "./use-title.ts";
import "./frame.css";
import "./menus.css";

/** Rail, bar and the page between them. */
export function Frame({ live }: { readonly live: Live }): ReactElement {
  const state = useLive(live);
  const [searching, setSearching] = useState(false);
  const { data: session } = useQuery(sessionQuery);
  useTitle();
  if (session && !session.who) return <LoginPage logins={session.logins} />;
  return (
    <div className="frame">
      <Rail />
      <header className="bar">
        <MeshState live={state} />
        <div className="push" />
        <SearchButton open={searching} onOpen={setSearching} />
        <NamespacePicker />
        <TimeRange />
        <span className="divider" />
        <RefreshMenu live={state} />
        <SessionMenu />
        <ThemePicker />
      </header>
      <main className="page">
        {state === "away" && <AwayNote />}
        <Outlet />
      </main>
    </div>
  );
}
