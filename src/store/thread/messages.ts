import type { Series } from "../series-index.ts";
import type { StoreState } from "../store.ts";

/** What the store's thread is told and asked. Series have numbers of their own here (even ones are given by whoever asks, odd ones by the thread). */
export type ToThread =
  | {
      readonly kind: "look";
      readonly at: number;
      readonly covered: number;
      /** Series that were not spoken of before. */
      readonly made: readonly Series[];
      readonly cells: Float64Array<ArrayBuffer>;
    }
  | {
      readonly kind: "steps";
      readonly call: number;
      readonly names: readonly string[];
      readonly series: Uint32Array<ArrayBuffer>;
      readonly from: number;
      readonly to: number;
      readonly step: number;
    }
  | {
      readonly kind: "ask";
      readonly call: number;
      readonly question: string;
      readonly argument: unknown;
      readonly at: number;
    }
  | { readonly kind: "forget"; readonly series: readonly number[] }
  | { readonly kind: "close" };

/** What it says. */
export type FromThread =
  | { readonly kind: "series"; readonly series: readonly Series[] }
  | { readonly kind: "opened"; readonly state: StoreState }
  | { readonly kind: "wrote"; readonly at: number; readonly state: StoreState }
  | { readonly kind: "answer"; readonly call: number; readonly value: unknown; readonly state: StoreState }
  | {
      readonly kind: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly message: string;
      readonly fields: Record<string, unknown> | undefined;
    }
  | { readonly kind: "closed" };

/** Steps as the thread answers them: cells of all of them, one after the other. */
export interface PackedSteps {
  readonly steps: readonly { readonly time: number; readonly covered: number; readonly end: number }[];
  readonly cells: Float64Array<ArrayBuffer>;
}

/** One end of the line. */
export interface Line<In, Out> {
  post(message: Out, moved?: readonly ArrayBuffer[]): void;
  listen(take: (message: In) => void): void;
}
