import { useState } from "react";
import type { AppliedObject } from "../../../../src/api/contract/apply.ts";
import type { Draft } from "./queries.ts";
import { type Decide, theirsOf } from "./question-note.tsx";
import type { Writing } from "./use-writing.ts";

interface DecidedProps {
  readonly writing: Writing<Draft>;
  readonly text: string;
  readonly bases: readonly string[];
  /** Whether a dry run comes first. */
  readonly looks: boolean;
  readonly onBegin: () => void;
  readonly onWritten: () => void;
  readonly onTheirs: (yaml: string, basis: string) => void;
}

/** Writes a text; where the answer leaves a choice, what was chosen counts for what is written next. */
export function useDecided(props: DecidedProps): { readonly apply: () => Promise<void>; readonly onDecide: Decide } {
  const { writing, text, looks, onBegin, onWritten, onTheirs } = props;
  // What others made of the objects counts as seen once it was decided to write over it.
  const [over, setOver] = useState<readonly string[]>();
  const bases = over ?? props.bases;
  const write = async (more: Partial<Draft>) => {
    onBegin();
    if (!(await writing.write({ text, bases, looks, ...more }))) return;
    setOver(undefined);
    onWritten();
  };
  return {
    apply: () => write({}),
    onDecide(decision) {
      writing.clear();
      if (decision.what === "theirs") onTheirs(decision.yaml, decision.basis);
      if (decision.what !== "write") return setOver(undefined);
      const next = basesOver(bases, decision.over);
      setOver(next);
      void write({ looks: decision.over.length > 0, force: decision.force, bases: next });
    },
  };
}

/** The same, with what others made of some of them seen. */
function basesOver(bases: readonly string[], over: readonly AppliedObject[]): readonly string[] {
  return bases.flatMap((one) => {
    const [type = "", namespace, name] = one.slice(0, one.lastIndexOf("@")).split("/");
    const found = over.find((o) => o.namespace === namespace && o.name === `${type.toLowerCase()}/${name}`);
    const theirs = theirsOf(found?.conflict);
    if (found === undefined) return [one];
    return theirs === undefined ? [] : [`${type}/${namespace}/${name}@${theirs.basis}`];
  });
}
