/** Where ratings are kept: in the process (v1) or in MariaDB (v2). */
export interface RatingsStore {
  /** Stars (1 to 5) by reviewer. Throws a StoreProblem when the store cannot answer now. */
  readonly read: (id: number) => Promise<Readonly<Record<string, number>>>;
  /** Sets one reviewer's stars. Throws a StoreProblem when the store cannot answer now. */
  readonly write: (id: number, reviewer: string, stars: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A store cannot answer now; the message is meant for the caller. */
export class StoreProblem extends Error {}

/** v1: ratings in memory, gone with the process. */
export function memoryRatings(): RatingsStore {
  const given = new Map<number, ReadonlyMap<string, number>>();
  const start: ReadonlyMap<string, number> = new Map([
    ["Mara", 5],
    ["Jonah", 4],
  ]);
  const of = (id: number): ReadonlyMap<string, number> => given.get(id) ?? start;
  return {
    read: async (id) => Object.fromEntries(of(id)),
    write: async (id, reviewer, stars) => void given.set(id, new Map(of(id)).set(reviewer, stars)),
    close: async () => {},
  };
}
