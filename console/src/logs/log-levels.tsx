import { Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import type { LogLevel, LogLevels } from "../../../src/api/contract/log-levels.ts";
import { post } from "../api/client.ts";
import { Failure, Skeleton } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { logLevelsQuery } from "./queries.ts";

const levels: readonly LogLevel[] = ["trace", "debug", "info", "warning", "error", "critical", "off"];

/** How much the proxy of a Pod writes, as a dialog that sets it for all of its loggers or for one. */
export function LevelsDialog({
  proxies,
  onClose,
}: {
  readonly proxies: readonly string[];
  readonly onClose: () => void;
}): ReactElement {
  const [proxy = "", setProxy] = useState(proxies[0]);
  const { data, error } = useQuery(logLevelsQuery(proxy));
  return (
    <Modal opened onClose={onClose} title="How much the proxy logs" withCloseButton={false}>
      <div className="log-levels">
        {proxies.length > 1 && (
          <label>
            <span className="quiet">Of</span>{" "}
            <select value={proxy} onChange={({ currentTarget }) => setProxy(currentTarget.value)}>
              {proxies.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        )}
        {error ? <Failure error={error} /> : data ? <Levels key={proxy} levels={data} /> : <Skeleton />}
        <p className="quiet">
          It lasts until the proxy starts again; it was started with {data?.usual ?? "warning"}. Debug and trace write
          what requests carry, headers too, and cost time: set it back.
        </p>
        <button type="button" className="plain-button close" onClick={onClose}>
          Close
        </button>
      </div>
    </Modal>
  );
}

interface Wanted {
  readonly logger?: string;
  readonly level: LogLevel;
}

function Levels({ levels: { proxy, loggers, usual } }: { readonly levels: LogLevels }): ReactElement {
  const [logger, setLogger] = useState("");
  const client = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: ({ level, logger: one }: Wanted) => {
      const query = new URLSearchParams({ level, ...(one === undefined ? {} : { logger: one }) });
      return post<LogLevels>(`proxies/${encodeURIComponent(proxy)}/log-levels?${query}`);
    },
    onSuccess: (answer) => client.setQueryData(logLevelsQuery(proxy).queryKey, answer),
  });
  const common = loggers.every(({ level }) => level === loggers[0]?.level) ? loggers[0]?.level : undefined;
  const current = logger === "" ? common : loggers.find(({ name }) => name === logger)?.level;
  const other = loggers.filter(({ level }) => level !== usual);
  const own = logger === "" ? {} : { logger };
  const dot = proxy.lastIndexOf(".");
  const target = `${proxy.slice(0, dot)} -n ${proxy.slice(dot + 1)}`;
  return (
    <>
      <div className="log-levels-choice">
        <select aria-label="Logger" value={logger} onChange={({ currentTarget }) => setLogger(currentTarget.value)}>
          <option value="">All loggers</option>
          {loggers.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <select
          aria-label="Level"
          value={current ?? ""}
          disabled={isPending}
          onChange={({ currentTarget }) => mutate({ ...own, level: currentTarget.value as LogLevel })}
        >
          {current === undefined && <option value="">several</option>}
          {levels.map((level) => (
            <option key={level}>{level}</option>
          ))}
        </select>
        <CopyCli
          command={`npx weft proxy-config log ${target} --level ${logger === "" ? "" : `${logger}:`}${current ?? usual}`}
        />
      </div>
      {error && <Failure error={error} />}
      <p role="status">
        {other.length === 0
          ? `All ${loggers.length} loggers write at ${usual}, as they were started.`
          : `Other than ${usual}: ${named(other)}.`}{" "}
        {other.length > 0 && (
          <button type="button" className="link" disabled={isPending} onClick={() => mutate({ level: usual })}>
            Set all back to {usual}
          </button>
        )}
      </p>
    </>
  );
}

function named(loggers: LogLevels["loggers"]): string {
  const first = loggers.slice(0, 6).map(({ name, level }) => `${name} (${level})`);
  return loggers.length > 6 ? `${first.join(", ")} and ${loggers.length - 6} more` : first.join(", ");
}
