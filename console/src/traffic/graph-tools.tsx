import type { ReactElement } from "react";
import { HealthMark } from "../health/health-mark.tsx";
import { Icon, type IconName } from "../icons/icon.tsx";
import type { Stage } from "./stage.ts";

interface Tool {
  readonly icon: IconName;
  readonly label: string;
  readonly key: string;
  readonly run: (stage: Stage) => void;
}

const tools: readonly Tool[] = [
  { icon: "plus", label: "Zoom in", key: "+", run: (s) => s.camera.zoomBy(1.25) },
  { icon: "minus", label: "Zoom out", key: "-", run: (s) => s.camera.zoomBy(0.8) },
  { icon: "fit", label: "Show everything", key: "0", run: (s) => s.camera.fit() },
  { icon: "tidy", label: "Lay out anew", key: "l", run: (s) => void s.tidy() },
];

/** Zoom and legend, below the graph. */
export function GraphTools({ stage }: { readonly stage: Stage }): ReactElement {
  return (
    <div className="graph-tools">
      <div className="zoom" role="toolbar" aria-label="View of the graph">
        {tools.map((tool) => (
          <button
            key={tool.key}
            type="button"
            className="icon-button"
            aria-label={tool.label}
            title={`${tool.label} (${tool.key})`}
            aria-keyshortcuts={tool.key}
            onClick={() => tool.run(stage)}
          >
            <Icon name={tool.icon} />
          </button>
        ))}
      </div>
      <ul className="legend" aria-label="Legend">
        <li>
          <HealthMark health="healthy" label="" /> healthy
        </li>
        <li>
          <HealthMark health="degraded" label="" /> degraded
        </li>
        <li>
          <HealthMark health="failing" label="" /> failing
        </li>
        <li>
          <Icon name="unlocked" size={13} /> no mTLS
        </li>
        <li>
          <span className="dash" /> TCP
        </li>
        <li>
          <span className="dashed-plate" /> no sidecar
        </li>
      </ul>
    </div>
  );
}
