import { Popover } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { post } from "../api/client.ts";
import { clockTime } from "../format/quantity.ts";
import { Icon } from "../icons/icon.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { LoginWays } from "./login.tsx";
import { sessionQuery } from "./queries.ts";
import { rightsInWords, wayInWords } from "./words.ts";

/** Who is logged in, what they may, and the way out; for whoever only reads, the way in. */
export function SessionMenu(): ReactElement | null {
  const { data } = useQuery(sessionQuery);
  const client = useQueryClient();
  const who = data?.who;
  if (!data || !who) return null;
  const reads = who.how === "machine";
  const name = reads ? "View only" : who.name;
  const logOut = () => void post("logout").finally(() => client.resetQueries());
  return (
    <Popover position="bottom-end" transitionProps={{ duration: 0 }} offset={4} trapFocus width={340}>
      <Popover.Target>
        <button type="button" className="plain-button session-button" aria-label={`Who is logged in: ${name}`}>
          <Icon name={who.viewOnly ? "eye" : "user"} size={14} />
          <span className="cut">{name}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="session-menu">
          <p>
            <b>{reads ? "Nobody has logged in" : who.name}</b>
            <br />
            <span className="quiet">{wayInWords(who.how)}</span>
          </p>
          <p>{rightsInWords(who)}</p>
          {who.groups.length > 0 && <p className="quiet cut">Groups: {who.groups.join(", ")}</p>}
          {who.endsAt !== undefined && <p className="quiet">The session ends at {clockTime(who.endsAt)}.</p>}
          {reads ? (
            <>
              <LoginWays logins={data.logins} />
              <div className="command">
                <code>npx weft dashboard</code>
                <CopyCli command="npx weft dashboard" label="Copy" />
              </div>
            </>
          ) : (
            who.endsAt !== undefined && (
              <button type="button" className="plain-button" onClick={logOut}>
                Log out
              </button>
            )
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
