/** Characters of a line that nobody ended: what comes then is its next one. */
const mostLine = 256 * 1024;

/** Pieces of text as lines, those that `keep` wants; without `follow` the last `tail` of them. */
export async function* podLines(
  pieces: AsyncIterable<string>,
  { tail, follow, keep = () => true }: PodLinesOptions,
): AsyncGenerator<string> {
  let rest = "";
  const kept: string[] = [];
  let live = follow && tail === undefined;
  for await (const piece of pieces) {
    const whole = (rest + piece).split("\n");
    rest = whole.pop() ?? "";
    if (rest.length > mostLine) {
      whole.push(rest);
      rest = "";
    }
    const lines = whole.filter(keep);
    if (live || tail === undefined) {
      yield* lines;
      continue;
    }
    kept.push(...lines);
    kept.splice(0, Math.max(0, kept.length - tail));
    if (!follow) continue;
    // The first piece is what is there already; from then on lines come as they are written.
    yield* kept.splice(0);
    live = true;
  }
  yield* kept;
  if (rest !== "" && keep(rest)) yield rest;
}

interface PodLinesOptions {
  readonly tail: number | undefined;
  readonly follow: boolean;
  readonly keep: ((line: string) => boolean) | undefined;
}
