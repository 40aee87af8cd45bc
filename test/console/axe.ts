import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe calls serious or critical in the page, or in the part that a selector names: a line for each rule, with the elements that break it. */
export async function serious(page: Page, where?: string): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const part = where === undefined ? "document" : JSON.stringify(where);
  const found = (await page.evaluate(`axe.run(${part}, { resultTypes: ["violations"] })`)) as axe.AxeResults;
  const bad = found.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return bad.map(({ id, nodes }) => {
    const elements = nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`);
    return `${id}: ${elements.join("; ")}`;
  });
}
