import { type ReactElement, useEffect, useState } from "react";
import { ago, clockTime, span as spanWords } from "../format/quantity.ts";
import { Segments } from "../frame/segments.tsx";
import { Icon } from "../icons/icon.tsx";
import { frameMs, nextFrame, rangeOf } from "./replay.ts";
import { replaySpans } from "./search.ts";
import { useAddress } from "./use-address.ts";

interface ReplayBarProps {
  readonly moment: number;
  /** Seconds that the replay goes over. */
  readonly span: number;
  /** The picture of this moment is still on its way. */
  readonly waiting: boolean;
}

const speeds = [
  { value: 5000, label: "slow" },
  { value: 3000, label: "medium" },
  { value: 1000, label: "fast" },
] as const;

/** Goes over the time that is stored, a frame of ten seconds at a time. The moment stands in the address. */
export function ReplayBar({ moment, span, waiting }: ReplayBarProps): ReactElement {
  const change = useAddress();
  const [opened] = useState(() => Date.now());
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(3000);
  const { from, to } = rangeOf(moment, span, opened);
  useEffect(() => {
    if (!playing || waiting) return;
    const next = nextFrame(moment, to);
    if (next === undefined) return setPlaying(false);
    const timer = setTimeout(() => change({ moment: next }), speed);
    return () => clearTimeout(timer);
  }, [playing, waiting, moment, to, speed, change]);
  const play = () => {
    if (!playing && nextFrame(moment, to) === undefined) change({ moment: from });
    setPlaying(!playing);
  };
  return (
    <fieldset className="replay-bar">
      <legend className="heard-only">Replay</legend>
      <button type="button" className="icon-button" onClick={play} aria-label={playing ? "Pause" : "Play"}>
        <Icon name={playing ? "pause" : "play"} />
      </button>
      <span className="replay-time" role="status">
        <strong>{clockTime(moment, true)}</strong> <span className="quiet">{ago(moment, opened)}</span>
      </span>
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={clockTime(moment, true)}
        min={from}
        max={to}
        step={frameMs}
        value={moment}
        onChange={(event) => change({ moment: Number(event.currentTarget.value) })}
      />
      <select
        aria-label="How far the replay goes back"
        value={span}
        onChange={(event) => change({ span: Number(event.currentTarget.value) as typeof span })}
      >
        {replaySpans.map((seconds) => (
          <option key={seconds} value={seconds}>
            {spanWords(seconds * 1000)}
          </option>
        ))}
      </select>
      <Segments<number> label="Speed" segments={speeds} value={speed} onChange={setSpeed} />
      <button type="button" className="plain-button" onClick={() => change({ moment: undefined, span: undefined })}>
        Back to now
      </button>
    </fieldset>
  );
}
