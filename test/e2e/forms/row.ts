import type { Page } from "playwright-core";
import type { FormsBed } from "./bed.ts";

/** One form, filled in as a user does, and what it must do to traffic. */
export interface FormRow {
  /** The form's title in the gallery. */
  readonly title: string;
  /** `reviews in default`, or a namespace: what its first field says. */
  readonly of: string;
  readonly fill: (page: Page, bed: FormsBed) => Promise<void>;
  /** What must stand in the YAML before it is written. */
  readonly yaml: readonly (string | RegExp)[];
  /** Whether traffic is as it is without. */
  readonly before: (bed: FormsBed) => Promise<boolean>;
  /** Whether traffic is as the form said. */
  readonly after: (bed: FormsBed) => Promise<boolean>;
}

/** A line of a list in a form. */
export function cell(page: Page, list: string, row: number, column: string) {
  return page.getByLabel(`${list} ${row}: ${column}`, { exact: true });
}
