import { useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactElement, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { workloadsQuery } from "../api/queries.ts";
import type { TabProps } from "../detail/tabs.ts";
import { useView } from "../frame/view.ts";
import { Icon } from "../icons/icon.tsx";
import { externalsQuery } from "../list/queries.ts";
import { Empty, Failure, Skeleton } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { tracesQuery } from "../traces/queries.ts";
import { interleaved, type LogLine, spanLines } from "./lines.ts";
import { LevelsDialog } from "./log-levels.tsx";
import { Line } from "./log-line.tsx";
import { DownloadMenu, IconButton, LineFilters, SourceToggles } from "./log-tools.tsx";
import { logQuery } from "./queries.ts";
import { commandOf, type LogsSearch, readLogs, shownSources } from "./search.ts";
import "./logs.css";

/** Lines of each log, and of one of which a certain time is wanted. */
const [tail, tailOfTime] = [500, 5000];
/** Pods whose logs are read at once. */
const mostPods = 5;
/** Lines that are drawn; a file holds them all. */
const mostDrawn = 1000;
const usualTimeMs = 15 * 60;

/** What its application and its proxy wrote, and its traces, as one by time. */
export function LogsTab({ subject }: TabProps): ReactElement {
  const [asked, onAsked] = useLogsSearch();
  const { pods, known } = usePods(subject);
  const { lines, logs, error, pending } = useLines(subject, pods, asked);
  const [levels, setLevels] = useState(false);
  const [whole, box, toggleWhole] = useWhole();
  const end = useFollowed(lines, asked.logpause !== true);
  if (error && lines.length === 0 && asked.logshow === undefined && asked.loghide === undefined)
    return <Failure error={error} />;
  if (!known || pending) return <Skeleton />;
  const shown = shownSources(asked);
  const container = shown.includes("application") ? "application" : "proxy";
  const [one] = pods;
  const name = subject.kind === "external" ? (one?.replace(/\.[^.]+$/, "") ?? subject.name) : subject.name;
  const namespace = subject.namespace || (one?.slice(one.lastIndexOf(".") + 1) ?? "default");
  const command = commandOf(asked, name, namespace, container, tail);
  return (
    <div className={whole ? "logs whole" : "logs"} ref={box}>
      <div className="logs-tools">
        <SourceToggles asked={asked} onAsked={onAsked} />
        <LineFilters asked={asked} onAsked={onAsked} />
        <span className="quiet" role="status">
          {countWords(lines.length, pods.length)}
        </span>
        <IconButton
          label={asked.logpause ? "Follow again" : "Pause"}
          onClick={() => onAsked({ logpause: asked.logpause ? undefined : true })}
        >
          <Icon name={asked.logpause ? "play" : "pause"} />
        </IconButton>
        <DownloadMenu name={subject.name} lines={lines} logs={logs} />
        <IconButton label={whole ? "Beside the list again" : "Whole screen"} onClick={toggleWhole}>
          <Icon name={whole ? "close" : "fit"} />
        </IconButton>
        {pods.length > 0 && (
          <button type="button" className="plain-button" onClick={() => setLevels(true)}>
            Log level
          </button>
        )}
        <CopyCli command={command} />
      </div>
      {error && <Failure error={error} />}
      <Lines
        lines={lines}
        several={pods.length > 1}
        subject={subject}
        command={`${command} -f`}
        narrowed={isNarrowed(asked)}
      />
      <div ref={end} />
      {levels && <LevelsDialog proxies={pods} onClose={() => setLevels(false)} />}
    </div>
  );
}

function useLogsSearch(): readonly [LogsSearch, (change: LogsSearch) => void] {
  const search = useSearch({ strict: false }) as Readonly<Record<string, unknown>>;
  const navigate = useNavigate();
  const asked = useMemo(() => readLogs(search), [search]);
  const onAsked = useCallback(
    (change: LogsSearch) => void navigate({ to: ".", replace: true, search: (before) => ({ ...before, ...change }) }),
    [navigate],
  );
  return [asked, onAsked];
}

/** Pods whose logs tell of the subject: its own, or those that call a host outside. */
function usePods(subject: TabProps["subject"]): { readonly pods: readonly string[]; readonly known: boolean } {
  const workloads = useQuery(workloadsQuery).data;
  const outside = subject.kind === "external";
  const { window } = useView();
  const externals = useQuery({ ...externalsQuery(window), enabled: outside }).data;
  const pods = useMemo(() => {
    const callers = externals?.find(({ host }) => host === subject.host)?.callers ?? [];
    const wanted = outside ? callers : subject.workloads;
    return (workloads ?? [])
      .filter(({ id }) => wanted.includes(id))
      .flatMap(({ proxies }) => proxies.map(({ id }) => id))
      .slice(0, mostPods);
  }, [workloads, externals, outside, subject.workloads, subject.host]);
  return { pods, known: workloads !== undefined && (!outside || externals !== undefined) };
}

function useLines(subject: TabProps["subject"], pods: readonly string[], asked: LogsSearch) {
  const shown = shownSources(asked);
  const timed = (asked.logfrom ?? asked.logto) !== undefined;
  const own = (["application", "proxy"] as const).filter(
    // What an application writes of hosts outside nobody can tell from the rest.
    (source) => shown.includes(source) && !(subject.kind === "external" && source === "application"),
  );
  const logs = pods.flatMap((pod) => own.map((source) => ({ pod, source })));
  const answers = useQueries({
    queries: logs.map(({ pod, source }) => logQuery(pod, source, timed ? tailOfTime : tail, asked)),
  });
  const spans = useSpans(subject, asked);
  const told = answers.map(({ data }) => data ?? []);
  const all = interleaved([...told, spans]);
  const from = asked.logfrom ?? Number.NEGATIVE_INFINITY;
  const to = asked.logto ?? Number.POSITIVE_INFINITY;
  const lines = all.filter(
    ({ at, text, source }) =>
      (!timed || (at !== undefined && at >= from && at <= to)) &&
      (subject.kind !== "external" || source === "spans" || text.includes(subject.host ?? "")),
  );
  const error = answers.find((answer) => answer.error)?.error;
  return { lines, logs, error, pending: answers.some(({ isPending }) => isPending) };
}

/** Traces of the subject, where words that lines must have do not leave them out. */
function useSpans(subject: TabProps["subject"], asked: LogsSearch): readonly LogLine[] {
  const { window } = useView();
  const wanted = shownSources(asked).includes("spans") && asked.logregex !== true;
  const workload = subject.workloads.map((id) => id.replace(/^workload\//, "")).join(",");
  const of = subject.kind === "external" && subject.host !== undefined ? { service: subject.host } : { workload };
  const { data } = useQuery({
    ...tracesQuery(of, [], Math.max(window, usualTimeMs)),
    enabled: wanted && (subject.kind === "external" || workload !== ""),
    ...(asked.logpause ? { refetchInterval: false as const } : {}),
  });
  return useMemo(() => {
    const has = (text: string, words = "") => text.toLowerCase().includes(words.toLowerCase());
    return spanLines(wanted ? (data?.traces ?? []) : []).filter(
      ({ text }) => has(text, asked.logshow) && !(asked.loghide !== undefined && has(text, asked.loghide)),
    );
  }, [data, wanted, asked.logshow, asked.loghide]);
}

/** The whole screen, until Escape or the button. A dialog stays in sight: it is the page that fills the screen. */
function useWhole() {
  const [whole, setWhole] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const changed = () => setWhole(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  const toggle = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (whole) setWhole(false);
    else {
      setWhole(true);
      // Where the browser does not give the screen, the window has to do.
      document.documentElement.requestFullscreen().catch(() => {});
    }
  };
  return [whole, box, toggle] as const;
}

/** Keeps the last line in sight while it is. */
function useFollowed(lines: readonly LogLine[], follows: boolean) {
  const end = useRef<HTMLDivElement>(null);
  const inSight = useRef(true);
  useEffect(() => {
    const element = end.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => {
      inSight.current = entry?.isIntersecting ?? false;
    });
    observer.observe(element);
    return () => observer.disconnect();
  });
  const last = lines.at(-1)?.text;
  useEffect(() => {
    if (last !== undefined && follows && inSight.current) end.current?.scrollIntoView({ block: "nearest" });
  }, [last, follows]);
  return end;
}

interface LinesProps {
  readonly lines: readonly LogLine[];
  readonly several: boolean;
  readonly subject: TabProps["subject"];
  readonly command: string;
  readonly narrowed: boolean;
}

function Lines({ lines, several, subject, command, narrowed }: LinesProps): ReactElement {
  if (lines.length === 0 && narrowed) return <p className="no-match">No line is like that.</p>;
  if (lines.length === 0)
    return (
      <Empty title="No line yet" command={command}>
        {subject.kind === "external"
          ? `Here stands what the proxies of its callers wrote of requests to ${subject.name}, where access logs are on.`
          : "Here stands what the application and its proxy wrote, and what was traced, by time."}
      </Empty>
    );
  return (
    <>
      {lines.length > mostDrawn && (
        <p className="quiet logs-older">{lines.length - mostDrawn} older lines are in the download.</p>
      )}
      <ol className="logs-lines">
        {lines.slice(-mostDrawn).map((line) => (
          <Line key={line.key} line={line} several={several} />
        ))}
      </ol>
    </>
  );
}

function isNarrowed({ logshow, loghide, logfrom, logto }: LogsSearch): boolean {
  return [logshow, loghide, logfrom, logto].some((one) => one !== undefined);
}

function countWords(lines: number, pods: number): string {
  return `${lines} ${lines === 1 ? "line" : "lines"}${pods > 1 ? ` of ${pods} Pods` : ""}`;
}
