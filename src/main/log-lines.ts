/** Pieces of text as lines; without `follow` the last `tail` of them. */
export async function* podLines(
  pieces: AsyncIterable<string>,
  tail: number | undefined,
  follow: boolean,
): AsyncGenerator<string> {
  let rest = "";
  const kept: string[] = [];
  let live = follow && tail === undefined;
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
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
  if (rest !== "") yield rest;
}
