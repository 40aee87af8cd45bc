import { afterAll, beforeAll, expect, it } from "vitest";
import { wizards } from "../../console/src/config/wizards/list.ts";
import { until } from "./ask.ts";
import { FormsBed } from "./forms/bed.ts";
import { gatewayRows } from "./forms/gateway-rows.ts";
import { routingRows } from "./forms/routing-rows.ts";
import type { FormRow } from "./forms/row.ts";
import { securityRows } from "./forms/security-rows.ts";
import { findsAFault, letsIn, namesAHost } from "./forms/stories.ts";

// Every form of the console as its user has it: found, filled in, its YAML read, applied, seen in the traffic of the running sample, taken back.

const bed = new FormsBed(29_350);
const rows: readonly FormRow[] = [...routingRows, ...gatewayRows, ...securityRows];

beforeAll(() => bed.start(), 240_000);
afterAll(() => bed.close(), 60_000);

it("has a row for each form", () => {
  expect(rows.map((r) => r.title)).toEqual(wizards.map((w) => w.title));
});

it.each(rows)(
  "$title: seen in traffic, and taken back",
  { timeout: 180_000 },
  async ({ title, of, fill, yaml, before, after }) => {
    const { page } = bed;
    await until("traffic is as usual", () => before(bed));
    await page.getByRole("link", { name: "Config", exact: true }).first().click();
    await page.getByRole("link", { name: "New", exact: true }).click();
    await page
      .getByRole("region", { name: "New configuration" })
      .getByRole("link", { name: title, exact: false })
      .filter({ has: page.getByText(title, { exact: true }) })
      .click();
    const form = page.getByRole("form", { name: title });
    const subject = form.getByLabel(/^(Service|Namespace)$/);
    await subject.locator("option", { hasText: of }).first().waitFor({ state: "attached" });
    const label = (await subject.locator("option").allTextContents()).find(
      (option) => option === of || option.startsWith(`${of},`),
    );
    await subject.selectOption({ label: label ?? of });
    await fill(page, bed);
    // The whole text, which the editor draws only as far as it is in sight, stands in the command that is copied.
    const command = page.getByRole("button", { name: "Copy as CLI" });
    for (const text of yaml) await expect.poll(() => command.getAttribute("title")).toMatch(text);
    expect(await command.getAttribute("title")).toContain("npx weft apply --wait -f -");
    await page
      .getByText(/will be (created|changed)/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await page.getByText(/(All \d+ proxies have|proxy has) it\./).waitFor();
    await until(`${title} is in force`, () => after(bed));
    await page.getByRole("button", { name: "Take it back" }).click();
    await page.getByText("Taken back.").waitFor();
    await until("traffic is as before", () => before(bed));
  },
);

it("a host outside is made known from the graph, and named then", { timeout: 240_000 }, () => namesAHost(bed));

it("a refused request is let in from where it was seen", { timeout: 180_000 }, () => letsIn(bed));

it("a fault is found on the first page and taken away by clicks alone", { timeout: 300_000 }, () => findsAFault(bed));

it("the browser had nothing to complain of", () => {
  // The page of a deleted object may have asked for it once more before it was left.
  expect(bed.complaints.filter((c) => !c.includes("404"))).toEqual([]);
});
