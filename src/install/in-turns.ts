/** How many requests an API server gets at once. */
const width = 6;

/** Maps a list in its order, a few at once. Rejects with the first fault, and begins nothing after it. */
export async function inTurns<T, U>(list: readonly T[], map: (item: T) => Promise<U>): Promise<readonly U[]> {
  const results: U[] = [];
  let next = 0;
  let failed = false;
  const work = async () => {
    while (next < list.length && !failed) {
      const i = next++;
      try {
        results[i] = await map(list[i] as T);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}
