import { Modal } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactElement, useMemo, useState } from "react";
import { configQuery, graphQuery, workloadsQuery } from "../api/queries.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { Icon } from "../icons/icon.tsx";
import { servicesQuery } from "../list/queries.ts";
import { find, type SearchResult, searchables } from "./search-results.ts";

interface Opening {
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
}

/** The way into the search, by pointer or Ctrl-K. */
export function SearchButton({ open, onOpen }: Opening): ReactElement {
  useHotkeys([["mod+K", () => onOpen(true)]], []);
  return (
    <>
      <button
        type="button"
        className="plain-button search-button"
        onClick={() => onOpen(true)}
        aria-keyshortcuts="Control+K"
      >
        <Icon name="search" size={14} />
        <span className="grow">Search</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Modal.Root
        opened={open}
        onClose={() => onOpen(false)}
        size={560}
        yOffset="12vh"
        transitionProps={{ duration: 0 }}
      >
        <Modal.Overlay backgroundOpacity={0.25} />
        <Modal.Content aria-label="Search">
          <Modal.Body>
            <SearchBox onDone={() => onOpen(false)} />
          </Modal.Body>
        </Modal.Content>
      </Modal.Root>
    </>
  );
}

function SearchBox({ onDone }: { readonly onDone: () => void }): ReactElement {
  const workloads = useQuery(workloadsQuery).data;
  const config = useQuery(configQuery).data;
  const graph = useQuery(graphQuery([], 60)).data;
  const services = useQuery(servicesQuery(60)).data;
  const [typed, setTyped] = useState("");
  const [index, setIndex] = useState(0);
  const navigate = useNavigate();
  const all = useMemo(
    () => searchables(workloads ?? [], config ?? [], graph, services),
    [workloads, config, graph, services],
  );
  const results = useMemo(() => find(all, typed), [all, typed]);
  const here = Math.min(index, results.length - 1);
  const go = (result: SearchResult | undefined) => {
    if (!result) return;
    onDone();
    void navigate({ to: result.to as string });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Enter") go(results[here]);
    else if (step !== 0) setIndex((here + step + results.length) % Math.max(1, results.length));
    else return;
    event.preventDefault();
  };
  return (
    <div className="search-box">
      <input
        data-autofocus
        role="combobox"
        aria-label="Search workloads, services and configuration"
        aria-expanded={results.length > 0}
        aria-controls="search-results"
        aria-activedescendant={results[here] ? `search-${here}` : undefined}
        placeholder="Workload, service or configuration object"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setIndex(0);
        }}
        onKeyDown={onKeyDown}
      />
      {results.length === 0 && (
        <p className="hint">
          {typed ? `Nothing here is called “${typed}”.` : "Type a name, or a kind and a name: “virtual reviews”."}
        </p>
      )}
      <Results results={results} here={here} onGo={go} onPoint={setIndex} />
    </div>
  );
}

interface ResultsProps {
  readonly results: readonly SearchResult[];
  readonly here: number;
  readonly onGo: (result: SearchResult) => void;
  readonly onPoint: (index: number) => void;
}

function Results({ results, here, onGo, onPoint }: ResultsProps): ReactElement {
  return (
    <div id="search-results" className="results" role="listbox" aria-label="Found">
      {results.map((result, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the input has the focus and the keys
        // biome-ignore lint/a11y/useFocusableInteractive: pointed at by aria-activedescendant
        <div
          key={result.id}
          id={`search-${i}`}
          role="option"
          aria-selected={i === here}
          onClick={() => onGo(result)}
          onMouseMove={() => onPoint(i)}
        >
          {result.health ? <HealthMark health={result.health} /> : <span />}
          <span className="mono">{result.name}</span>
          <span className="cut">
            {result.kind}
            {result.namespace && ` in ${result.namespace}`}
          </span>
        </div>
      ))}
    </div>
  );
}
