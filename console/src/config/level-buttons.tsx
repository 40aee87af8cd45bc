import type { ReactElement } from "react";
import type { Finding } from "../../../src/api/contract/config.ts";
import { levels } from "./filters.ts";
import { LevelMark } from "./level-mark.tsx";

interface LevelButtonsProps {
  readonly findings: readonly Finding[];
  readonly level: Finding["level"] | undefined;
  readonly onLevel: (level: Finding["level"] | undefined) => void;
}

/** How many findings there are of each level; one that is pressed leaves those of its level alone. */
export function LevelButtons({ findings, level, onLevel }: LevelButtonsProps): ReactElement {
  return (
    <>
      {levels.map((one) => {
        const count = findings.filter((f) => f.level === one).length;
        const chosen = level === one;
        if (count === 0 && !chosen) return null;
        return (
          <button
            key={one}
            type="button"
            className="plain-button level-button"
            aria-pressed={chosen}
            onClick={() => onLevel(chosen ? undefined : one)}
          >
            <LevelMark level={one} />
            {one} {count}
          </button>
        );
      })}
    </>
  );
}
