import { type KeyboardEvent, type ReactElement, useMemo, useRef, useState } from "react";
import type { TraceSpan } from "../../../src/api/contract/traces.ts";
import { latency } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";
import { Icon } from "../icons/icon.tsx";
import { type Lane, lanesOf, palette } from "./lanes.ts";
import { operation } from "./trace-columns.tsx";

interface WaterfallProps {
  readonly spans: readonly TraceSpan[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
}

/** Steps of a trace as bars over its time. Arrow keys walk, left and right close and open what is below, Enter shows a span in full. */
export function Waterfall({ spans, chosen, onChoose }: WaterfallProps): ReactElement {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const body = useRef<HTMLTableSectionElement>(null);
  const lanes = useMemo(() => lanesOf(spans, closed), [spans, closed]);
  const colours = useMemo(() => palette(spans), [spans]);
  const whole = Math.max(...spans.map((s) => s.start + s.duration)) - Math.min(...spans.map((s) => s.start));
  const toggle = (id: string, close: boolean) => {
    const next = new Set(closed);
    if (close) next.add(id);
    else next.delete(id);
    setClosed(next);
  };
  const onKeyDown = (event: KeyboardEvent, lane: Lane, at: number) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lanes.length - 1 }[event.key];
    if (to !== undefined) body.current?.querySelectorAll<HTMLElement>("tr")[to]?.focus();
    else if (event.key === "ArrowLeft" && lane.below > 0) toggle(lane.span.id, true);
    else if (event.key === "ArrowRight" && lane.below > 0) toggle(lane.span.id, false);
    else if (event.key === "Enter" && event.target instanceof HTMLTableRowElement) onChoose(lane.span.id);
    else return;
    event.preventDefault();
  };
  return (
    <table className="waterfall" aria-label="Spans by time">
      <thead>
        <tr>
          <th scope="col">Where</th>
          <th scope="col" className="ruler">
            {[0, 0.25, 0.5, 0.75, 1].map((share) => (
              <span key={share}>{share === 0 ? "0" : latency(whole * share)}</span>
            ))}
          </th>
          <th scope="col" className="number">
            Took
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        {lanes.map((lane, at) => (
          <tr
            key={lane.span.id + lane.span.kind}
            tabIndex={lane.span.id === chosen || (chosen === undefined && at === 0) ? 0 : -1}
            aria-current={lane.span.id === chosen ? "true" : undefined}
            onClick={() => onChoose(lane.span.id === chosen ? undefined : lane.span.id)}
            onKeyDown={(event) => onKeyDown(event, lane, at)}
          >
            <td>
              <Name lane={lane} closed={closed.has(lane.span.id)} onToggle={toggle} />
            </td>
            <td className="track">
              <BarOf lane={lane} colour={colours.get(`${lane.span.namespace}/${lane.span.workload}`) ?? 0} />
            </td>
            <td className="number">{latency(lane.span.duration)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface NameProps {
  readonly lane: Lane;
  readonly closed: boolean;
  readonly onToggle: (id: string, close: boolean) => void;
}

const kindWords: Readonly<Record<TraceSpan["kind"], string>> = { server: "in", client: "out", other: "" };

function Name({ lane, closed, onToggle }: NameProps): ReactElement {
  const { span, below } = lane;
  return (
    <span className={`span-name depth-${Math.min(12, span.depth)}`}>
      {below > 0 ? (
        <button
          type="button"
          className={closed ? "fold closed" : "fold"}
          tabIndex={-1}
          aria-expanded={!closed}
          aria-label={`${below} below ${span.workload}`}
          onClick={(event) => {
            event.stopPropagation();
            onToggle(span.id, !closed);
          }}
        >
          <Icon name="down" size={12} />
        </button>
      ) : (
        <span className="fold" />
      )}
      {span.failed && <HealthMark health="failing" label="failed" />}
      <span className="mono">{span.workload || "?"}</span>
      <span className="way">{kindWords[span.kind]}</span>
      <span className="quiet cut" title={span.name}>
        {operation(span.name)}
      </span>
    </span>
  );
}

/** The bar; its full part is the time that nothing below it took. */
function BarOf({ lane, colour }: { readonly lane: Lane; readonly colour: number }): ReactElement {
  const { left, width, span, own } = lane;
  const wide = Math.max(0.15, width * 100);
  return (
    <svg
      viewBox="0 0 100 16"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${latency(span.duration)}, of it ${latency(own)} its own`}
    >
      <rect x={left * 100} y="4" width={wide} height="8" className={`bar hue-${colour} ${span.kind}`} />
      {span.failed && <rect x={left * 100} y="13" width={wide} height="2" className="failed" />}
    </svg>
  );
}
