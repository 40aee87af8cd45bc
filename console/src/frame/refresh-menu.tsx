import { Menu } from "@mantine/core";
import { useIsFetching, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useEffect } from "react";
import type { LiveState } from "../api/live.ts";
import { type Pace, refreshNow, setPace } from "../api/pace.ts";
import { meshQuery } from "../api/queries.ts";
import { clockTime } from "../format/quantity.ts";
import { Icon } from "../icons/icon.tsx";
import { paces, usePace } from "./view.ts";

const states: Readonly<Record<LiveState, string>> = { connecting: "Connecting", live: "Live", away: "Away" };

/** Whether what is on the page is of now, and how often it is asked for again. The choice stands in the address. */
export function RefreshMenu({ live }: { readonly live: LiveState }): ReactElement {
  const pace = usePace();
  const client = useQueryClient();
  const navigate = useNavigate();
  useEffect(() => setPace(client, pace), [client, pace]);
  const choose = (value: string) => {
    const next = paces.find((p) => String(p.pace) === value)?.pace ?? "live";
    void navigate({ to: ".", search: (before) => ({ ...before, refresh: next === "live" ? undefined : next }) });
  };
  return (
    <>
      <Menu position="bottom-end" transitionProps={{ duration: 0 }} offset={4}>
        <Menu.Target>
          <button
            type="button"
            className={`plain-button live ${live !== "live" ? live : pace === "off" ? "off" : "on"}`}
            aria-label={`Refresh: ${stateWords(live, pace)}`}
          >
            <span className="pulse" />
            {stateWords(live, pace)}
            <Icon name="down" size={14} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>While the page is in sight, it is asked for again</Menu.Label>
          <Menu.RadioGroup value={String(pace)} onChange={choose}>
            {paces.map((p) => (
              <Menu.RadioItem key={p.label} value={String(p.pace)} closeMenuOnClick>
                {p.words}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </Menu.Dropdown>
      </Menu>
      {pace !== "live" && <RefreshNow />}
    </>
  );
}

function stateWords(live: LiveState, pace: Pace): string {
  if (live !== "live" || pace === "live") return states[live];
  return paces.find((p) => p.pace === pace)?.label ?? "";
}

/** Asks for everything on the page; says of when it is. */
function RefreshNow(): ReactElement {
  const client = useQueryClient();
  const { dataUpdatedAt } = useQuery(meshQuery);
  const busy = useIsFetching() > 0;
  return (
    <button
      type="button"
      className="icon-button refresh-now"
      aria-label="Refresh now"
      title={dataUpdatedAt > 0 ? `Refresh now: what you see is of ${clockTime(dataUpdatedAt, true)}` : "Refresh now"}
      aria-busy={busy}
      onClick={() => void refreshNow(client)}
    >
      <Icon name="sync" />
    </button>
  );
}
