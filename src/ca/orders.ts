import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import type { Random } from "../std/random.ts";
import type { Authority } from "./authority.ts";
import type { KeyHome } from "./key-home.ts";

/** Where an order is written: whoever may write there may read the authority's key, and so may order it. */
export const orderFile = "order";

/** What can be ordered: `rotate-now` has the next root sign at once, `reissue` replaces every workload's certificate. */
export type Order = "rotate" | "rotate-now" | "recover" | "reissue";

const shape = /^(rotate|rotate-now|recover|reissue) (\d{1,20})$/;

/** An order's text: `rotate 1795308965000`. The number tells it from the one before. */
export function orderText(order: Order, number: number): string {
  return `${order} ${number}`;
}

/** What became of the order with this number; undefined while nothing did. `failed` has words for people. */
export function outcomeOf(text: string | undefined, number: number): { readonly failed?: string } | undefined {
  const [, how, of, words] = /^(done|failed) (\d+) ?([\s\S]*)$/.exec(text ?? "") ?? [];
  if (Number(of) !== number) return undefined;
  return how === "failed" ? { failed: words ?? "" } : {};
}

export interface OrdersOptions {
  readonly home: KeyHome;
  readonly authority: Pick<Authority, "rotate" | "recover">;
  /** Replaces what this replica has issued to workloads. */
  readonly reissue: () => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly everyMs: number;
}

/**
 * Does what is ordered in the authority's home. Of several replicas one makes a new root; each replaces what it issued itself. An order that was
 * there before this replica began is not its own. The answer ends it.
 */
export function followOrders(options: OrdersOptions): () => void {
  const { home, clock, log, everyMs } = options;
  let known: string | undefined;
  let begun = false;
  let stopped = false;
  let cancel = () => {};
  const look = async () => {
    const text = await home.read(orderFile);
    const fresh = text !== known;
    known = text;
    const [, order, number] = (fresh && shape.exec(text ?? "")) || [];
    // What makes roots is taken whenever it is found: nobody else may have been there to take it.
    if (order !== undefined && (begun || order !== "reissue"))
      await obey(options, text as string, order as Order, number as string);
    begun = true;
  };
  const again = () => {
    cancel = clock.after(everyMs, () => {
      look()
        .catch((error: Error) => log.error("orders to the authority were not read", { error: error.message }))
        .finally(() => {
          if (!stopped) again();
        });
    });
  };
  void look()
    .catch(() => {})
    .finally(() => {
      if (!stopped) again();
    });
  return () => {
    stopped = true;
    cancel();
  };
}

async function obey(options: OrdersOptions, text: string, order: Order, number: string): Promise<void> {
  const { home, authority, reissue, random, log } = options;
  if (order === "reissue") {
    await reissue();
    return log.info("certificates of workloads were replaced, as ordered", { order: text });
  }
  const mine = `taken ${number} ${Buffer.from(random.bytes(8)).toString("hex")}`;
  if ((await home.replace(orderFile, text, mine)) !== mine) return;
  const made = order === "recover" ? authority.recover() : authority.rotate({ now: order === "rotate-now" });
  const end = await made.then(
    () => `done ${number}`,
    (error: Error) => `failed ${number} ${error.message}`,
  );
  log.info("the authority was ordered to make a root", { order: text, end });
  await home.replace(orderFile, mine, end);
}
