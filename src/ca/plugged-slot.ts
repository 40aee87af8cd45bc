import type { Clock } from "../std/clock.ts";
import { type CaSource, checkCa, type PluggedCa } from "./plugged-in.ts";

/** Where an authority of the user's may be plugged in, as it is now. */
export interface PluggedSlot {
  /** The last good one; it stays where a bad one, or none, came after it. */
  readonly ca: PluggedCa | undefined;
  /** Whether there is anything. */
  readonly present: boolean;
  readonly place: string;
  /** Why what is there does not count. */
  readonly trouble: string | undefined;
  look(): Promise<void>;
}

export function pluggedSlot(source: CaSource | undefined, clock: Clock): PluggedSlot {
  let ca: PluggedCa | undefined;
  let trouble: string | undefined;
  let seen: string | undefined;
  let good: string | undefined;
  let present = false;
  /** Files that are written one after the other do not fit at times: what is wrong counts when it is still so at the next look. */
  const judge = (words: string | undefined, text: string | undefined) => {
    trouble = words === undefined || text === seen || seen === undefined ? words : trouble;
    seen = text ?? "";
  };
  return {
    get ca() {
      return ca;
    },
    get present() {
      return present;
    },
    get trouble() {
      return trouble;
    },
    place: source?.place ?? "",
    async look() {
      if (source === undefined) return;
      try {
        const files = await source.read();
        present = files !== undefined;
        if (files === undefined) return judge(undefined, undefined);
        const text = JSON.stringify(files);
        if (text === good && trouble === undefined) return;
        const checked = await checkCa(files, clock.now());
        if ("refused" in checked) return judge(`${source.place}: ${checked.refused}`, text);
        ca = checked;
        good = text;
        judge(undefined, text);
      } catch (error) {
        judge(`${source.place} cannot be read: ${(error as Error).message}`, undefined);
      }
    },
  };
}
