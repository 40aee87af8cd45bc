// A fault even where only a type is imported.
import type { said } from "../plan/reads-envoy.ts";

export type Said = typeof said;
