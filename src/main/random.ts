import { randomBytes } from "node:crypto";
import type { Random } from "../std/random.ts";

/** The machine's randomness. */
export const systemRandom: Random = {
  next: () => randomBytes(4).readUInt32BE() / 2 ** 32,
  bytes: (length) => randomBytes(length),
};
