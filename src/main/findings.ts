import { analyze } from "../analysis/analyze.ts";
import { run, usual } from "../analysis/run.ts";
import { heard } from "../analysis/silence.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { patchFindings } from "../discovery/patch-findings.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Clock } from "../std/clock.ts";

/** Changes come in bursts: what is looked at after this long, in milliseconds, is of them all. */
const waitMs = 200;

/** What the analysers find in the mesh as it is now, and what patches do to its proxies, but for what nobody wants to hear of. */
export function findings(discovery: Discovery): readonly Diagnostic[] {
  const patches = discovery.synced ? patchFindings(discovery.snapshot, discovery.patched()) : [];
  return [...analyze(discovery.tracker), ...heard(discovery.tracker.snapshot, patches)];
}

/**
 * Works out what is found before anybody asks, after each change: one analyser at a time, with others served in between. Who asks then has it at
 * once, and a whole mesh that comes at its start holds nobody up. Returns how to end it.
 */
export function lookAhead(
  discovery: Pick<Discovery, "synced" | "tracker" | "onChange">,
  clock: Pick<Clock, "after">,
): () => void {
  let [turn, isAtWork] = [0, false];
  let seen: Snapshot | undefined;
  let cancel = () => {};
  const next = () => {
    const analyzer = usual[turn++];
    isAtWork = analyzer !== undefined;
    if (analyzer === undefined) return;
    run(discovery.tracker, analyzer);
    cancel = clock.after(0, next);
  };
  const begin = () => {
    const { snapshot } = discovery.tracker;
    if (!discovery.synced || snapshot === seen) return;
    seen = snapshot;
    turn = 0;
    if (isAtWork) return;
    isAtWork = true;
    cancel = clock.after(waitMs, next);
  };
  const forget = discovery.onChange(begin);
  begin();
  return () => {
    forget();
    cancel();
  };
}
