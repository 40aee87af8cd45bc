/** One frame of a replay, in milliseconds. */
export const frameMs = 10_000;

/** Seconds that a replay goes over where nobody said. */
export const usualSpan = 300;

/**
 * The time that a replay goes over, in whole frames: up to when it was opened, or around a moment that is older than that (of a link that somebody sent).
 * @param span seconds.
 */
export function rangeOf(moment: number, span: number, opened: number): { readonly from: number; readonly to: number } {
  const frames = Math.ceil((span * 1000) / frameMs);
  const now = Math.floor(opened / frameMs) * frameMs;
  const recent = moment > now - frames * frameMs;
  const to = recent ? now : Math.ceil((moment + (frames * frameMs) / 2) / frameMs) * frameMs;
  return { from: to - frames * frameMs, to };
}

/** The moment after this one; undefined at the end. */
export function nextFrame(moment: number, to: number): number | undefined {
  return moment + frameMs <= to ? moment + frameMs : undefined;
}

/** Where a replay begins. */
export function firstFrame(now: number, span: number): number {
  return Math.floor(now / frameMs) * frameMs - Math.ceil((span * 1000) / frameMs) * frameMs;
}
