import { Menu } from "@mantine/core";
import { type ReactElement, type ReactNode, useEffect, useState } from "react";
import { clockTime } from "../format/quantity.ts";
import { Icon } from "../icons/icon.tsx";
import { own } from "../links/own.ts";
import type { LogLine, LogSource } from "./lines.ts";
import { logAddress } from "./queries.ts";
import { type LogsSearch, namedOf, type Source, shownSources, sources } from "./search.ts";

const labels: Readonly<Record<Source, string>> = { application: "Application", proxy: "Proxy", spans: "Traces" };

interface Addressed {
  readonly asked: LogsSearch;
  readonly onAsked: (change: LogsSearch) => void;
}

/** Whose lines are shown: each on and off by itself. */
export function SourceToggles({ asked, onAsked }: Addressed): ReactElement {
  const shown = shownSources(asked);
  const toggle = (source: Source) => {
    const next = sources.filter((one) => shown.includes(one) !== (one === source));
    if (next.length > 0) onAsked({ logsources: namedOf(next.join(",")) });
  };
  return (
    <fieldset className="segments">
      <legend className="heard-only">Whose lines</legend>
      {sources.map((source) => (
        <label key={source}>
          <input
            type="checkbox"
            className="heard-only"
            checked={shown.includes(source)}
            onChange={() => toggle(source)}
            aria-label={labels[source]}
          />
          <span>{labels[source]}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Words that lines must have, and must not have. They are asked for when typing pauses, as the server searches the whole log. */
export function LineFilters({ asked, onAsked }: Addressed): ReactElement {
  return (
    <>
      <Words name="logshow" label="Only lines with" asked={asked} onAsked={onAsked} />
      <Words name="loghide" label="Not lines with" asked={asked} onAsked={onAsked} />
      <label className="logs-check" title="Both are RE2 patterns, as Envoy's are: (?i)timeout|refused">
        <input
          type="checkbox"
          checked={asked.logregex === true}
          onChange={({ currentTarget }) => onAsked({ logregex: currentTarget.checked || undefined })}
        />{" "}
        Regex
      </label>
      {(asked.logfrom ?? asked.logto) !== undefined && (
        <button
          type="button"
          className="plain-button"
          aria-label="Show all times again"
          onClick={() => onAsked({ logfrom: undefined, logto: undefined })}
        >
          {asked.logfrom !== undefined && `from ${clockTime(asked.logfrom, true)}`}{" "}
          {asked.logto !== undefined && `to ${clockTime(asked.logto, true)}`} ×
        </button>
      )}
    </>
  );
}

const pauseMs = 400;

function Words({
  name,
  label,
  asked,
  onAsked,
}: Addressed & { readonly name: "logshow" | "loghide"; readonly label: string }): ReactElement {
  const addressed = asked[name] ?? "";
  const [text, setText] = useState(addressed);
  // Another address brings another text; what is typed goes there after a pause.
  useEffect(() => setText(addressed), [addressed]);
  useEffect(() => {
    if (text === addressed) return;
    const timer = setTimeout(() => onAsked({ [name]: text || undefined }), pauseMs);
    return () => clearTimeout(timer);
  }, [text, addressed, name, onAsked]);
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      maxLength={1024}
      spellCheck={false}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
    />
  );
}

/** A file of what is shown, or the whole log of one process. */
export function DownloadMenu({
  name,
  lines,
  logs,
}: {
  readonly name: string;
  readonly lines: readonly LogLine[];
  readonly logs: readonly { readonly pod: string; readonly source: LogSource }[];
}): ReactElement {
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} offset={4}>
      <Menu.Target>
        <IconButton label="Download">
          <Icon name="download" />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save(`${name}.log`, textOf(lines))}>What is shown</Menu.Item>
        {logs.map(({ pod, source }) => (
          <Menu.Item
            key={`${pod} ${source}`}
            component="a"
            href={own(logAddress(pod, source, { download: "" }).href)}
            download
          >
            {labels[source]} of {pod}, whole
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function textOf(lines: readonly LogLine[]): string {
  return lines
    .map(({ at, source, pod, text }) => {
      const when = at === undefined ? "-" : new Date(at).toISOString();
      return `${when} ${pod === "" ? source : `${pod} ${source}`} ${text}\n`;
    })
    .join("");
}

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

type IconButtonProps = { readonly label: string; readonly children: ReactNode } & Omit<
  React.ComponentPropsWithRef<"button">,
  "aria-label" | "className" | "title" | "type"
>;

/** A button with a picture alone; its words are heard, and shown on pointing. */
export function IconButton({ label, children, ...rest }: IconButtonProps): ReactElement {
  return (
    <button {...rest} type="button" className="icon-button" aria-label={label} title={label}>
      {children}
    </button>
  );
}
