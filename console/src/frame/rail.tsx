import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Icon } from "../icons/icon.tsx";
import { railGroups } from "./rail-entries.ts";

export function Rail(): ReactElement {
  return (
    <nav className="rail" aria-label="Pages">
      <Link to="/traffic" className="brand" aria-label="Weft: home">
        <svg
          width="22"
          height="22"
          viewBox="0 0 24 24"
          fill="none"
          stroke="currentColor"
          strokeWidth="2.2"
          strokeLinecap="round"
          aria-hidden="true"
        >
          <path d="M3 7c6 0 6 10 12 10h6" />
          <path d="M3 17c6 0 6-10 12-10h6" />
        </svg>
        Weft
      </Link>
      {railGroups.map((group) => (
        <ul key={group[0].to}>
          {group.map((entry) => (
            <li key={entry.to}>
              <Link to={entry.to} className="entry" activeProps={{ className: "here", "aria-current": "page" }}>
                <Icon name={entry.icon} size={17} />
                {entry.label}
              </Link>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  );
}
