import { expect, it } from "vitest";
import { onePage } from "./one-page.ts";
import { standing } from "./open-page.ts";

const show = onePage();

/** What makes styles of its own: a graph, charts, editors, long lists. What other pages complain of, their own tests hold. */
const pages = [
  ...[
    "/overview",
    "/traffic",
    "/traces",
    "/tap",
    "/workloads",
    "/config/new",
    "/config/new/yaml",
    "/certificates",
    "/mesh",
  ],
  ...["metrics", "logs", "traces", "envoy"].map((tab) => `/workloads/default/reviews-v1?tab=${tab}`),
  "/config/VirtualService.networking.istio.io/default/reviews",
];

it("runs pages, editors, graphs and dialogs under a policy without anything unsafe", async () => {
  const { page, url, complaints } = await show("failing", "/traffic");
  const answer = await page.request.get(`${url}/traffic`, { headers: { accept: "text/html" } });
  const policy = answer.headers()["content-security-policy"] ?? "";
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[^']+';/);
  expect(policy).not.toMatch(/unsafe|\*|http:|https:/);
  const violations: unknown[] = [];
  await page.exposeFunction("violated", (what: unknown) => void violations.push(what));
  await page.addInitScript(
    `document.addEventListener("securitypolicyviolation", (e) => violated([e.violatedDirective, e.blockedURI, location.pathname, e.sample]))`,
  );
  for (const path of pages) {
    await page.goto(`${url}${path}`);
    await page.locator("main").first().waitFor();
    await page.waitForLoadState("networkidle");
    if (path === "/traffic") await standing(page);
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  expect(violations).toEqual([]);
  expect(complaints.filter((words) => /Security Policy/.test(words))).toEqual([]);
  // What somebody puts into the page does not run: the list above can fill.
  await page.evaluate(`(() => {
    document.body.append(Object.assign(document.createElement("style"), { textContent: "body { display: none }" }));
    document.body.append(Object.assign(document.createElement("script"), { textContent: "window.hacked = true" }));
    document.body.insertAdjacentHTML("beforeend", "<p style='color: red'>x</p>");
  })()`);
  await expect
    .poll(() => violations.map((v) => (v as string[])[0]))
    .toEqual(["style-src-elem", "script-src-elem", "style-src-attr"]);
  expect(await page.evaluate("window.hacked")).toBeUndefined();
});
