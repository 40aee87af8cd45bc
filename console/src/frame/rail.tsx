import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Icon } from "../icons/icon.tsx";
import { railEntries } from "./rail-entries.ts";

export function Rail(): ReactElement {
  return (
    <nav className="rail" aria-label="Pages">
      <Link to="/traffic" className="brand" aria-label="Weft: home">
        <svg
          width="26"
          height="26"
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
      </Link>
      {railEntries.map((entry) => (
        <Link
          key={entry.to}
          to={entry.to}
          className="entry"
          activeProps={{ className: "here", "aria-current": "page" }}
        >
          <Icon name={entry.icon} size={20} />
          {entry.label}
        </Link>
      ))}
    </nav>
  );
}
