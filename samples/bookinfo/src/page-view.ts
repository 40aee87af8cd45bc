import type { Details } from "./details.ts";
import type { Product } from "./product.ts";
import type { ReviewsBody } from "./reviews.ts";
import type { Settings } from "./settings.ts";
import type { Outcome } from "./upstream.ts";

/** All that the page shows. */
export interface PageView {
  readonly product: Product;
  readonly details: Outcome<Details>;
  readonly reviews: Outcome<ReviewsBody>;
  readonly settings: Settings;
  readonly styleTag: string;
  /** Milliseconds that the calls behind the page took together. */
  readonly tookMs: number;
  readonly user: string | undefined;
  /** A sign-in was tried with a name that will not do. */
  readonly nameRefused: boolean;
  readonly trace: string | undefined;
  /** Seconds after which the browser asks again. */
  readonly everySeconds: number | undefined;
}
