import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { advance, api, port, start } from "../../src/api/testdata/served.ts";
import type { Subject } from "../../src/api/who/caller.ts";
import { grantedRights } from "../../src/api/who/roles.ts";
import { sessionMs } from "../../src/api/who/sessions.ts";
import { serious } from "./axe.ts";
import { builtConsole } from "./built-console.ts";
import { launch, open } from "./open-page.ts";

let browser: Browser;
let context: BrowserContext | undefined;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await context?.close();
  context = undefined;
});

const verify = async (given: string): Promise<Subject | undefined> =>
  given.startsWith("ann-") ? { name: "ann", groups: ["shop"], how: "token" } : undefined;
const rightsOf = (subject: Subject) =>
  grantedRights(subject, [{ role: "editor", subjects: ["group:shop"], namespaces: ["default"] }]);
const logins = [{ kind: "token", label: "Token", hint: "one of the access file" }] as const;

/** The console over the real API. */
async function opened(path: string, more: object = {}): Promise<Page> {
  const consoleDir = await builtConsole();
  await start({}, {}, { consoleDir, verifiers: [verify], rightsOf, logins, mayRead: async () => false, ...more });
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`http://localhost:${port}${path}`);
  return page;
}

describe("who may open the console", () => {
  test("nobody sees a page without logging in; a token logs in, keys alone do, and logging out shuts it", async () => {
    const page = await opened("/workloads");
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    expect(await page.getByRole("navigation").count()).toBe(0);
    expect(await serious(page, "body")).toEqual([]);
    await page.getByLabel("Token").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("that token is not taken").waitFor();
    await page.getByLabel("Token").fill("ann-token");
    await page.keyboard.press("Enter");
    await page.getByText("reviews-v1").first().waitFor();
    expect(new URL(page.url()).pathname).toBe("/workloads");
    await page.getByRole("button", { name: "Who is logged in: ann" }).click();
    const menu = page.getByRole("dialog");
    await menu.getByText("Sees default; may change there what their role lets them.").waitFor();
    expect(await serious(page, "[role=dialog]")).toEqual([]);
    await menu.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
  });

  test("a link logs the owner in once, leaves no token in the address, and ends after eight hours", async () => {
    const page = await opened("/none");
    const link = `http://localhost:${port}/config${api.loginPath().slice(1)}`;
    await page.goto(link);
    await page.getByRole("button", { name: "Who is logged in: owner" }).waitFor();
    expect(page.url()).not.toContain("token");
    const other = await browser.newContext();
    const answer = await (await other.newPage()).goto(link);
    expect(answer?.status()).toBe(401);
    await other.close();
    advance(sessionMs);
    await page.reload();
    await page.getByRole("heading", { name: "Log in" }).waitFor();
  });

  test("who only reads is told so, and how to change something", async () => {
    const page = await opened("/workloads", { mayRead: async () => true });
    await page.getByRole("button", { name: "Who is logged in: View only" }).click();
    const menu = page.getByRole("dialog");
    await menu.getByText("Nobody has logged in, so nothing can be changed here.").waitFor();
    await menu.getByText("npx weft dashboard").waitFor();
  });

  test("another page may neither frame it nor change anything by its session", async () => {
    const page = await opened("/none");
    await page.goto(`http://localhost:${port}${api.loginPath()}`);
    await page.getByRole("button", { name: "Who is logged in: owner" }).waitFor();
    const foreign = await (context as BrowserContext).newPage();
    await foreign.route("http://evil.example/**", (route) =>
      route.fulfill({ contentType: "text/html", body: "<p>evil" }),
    );
    await foreign.goto("http://evil.example/");
    const changed = await foreign.evaluate(
      `fetch("http://localhost:${port}/api/v1/shutdown", {method: "POST", credentials: "include", mode: "no-cors"}).then((a) => a.type, () => "failed")`,
    );
    expect(["opaque", "failed"]).toContain(changed);
    const framed = await foreign.evaluate(`new Promise((done) => {
      const frame = document.createElement("iframe");
      frame.src = "http://localhost:${port}/";
      frame.onload = () => { try { done(frame.contentDocument === null ? "shut" : "open"); } catch { done("shut"); } };
      document.body.append(frame);
    })`);
    expect(framed).toBe("shut");
    await page.reload();
    await page.getByRole("button", { name: "Who is logged in: owner" }).waitFor();
  });
});

describe("what a proxy was sent", () => {
  test("line by line, found by its file, opened as it is, and kept in the address", async () => {
    const { page, complaints, close } = await open(browser, "healthy", "/workloads/default/reviews-v1?tab=envoy");
    const rows = page.getByRole("complementary").getByRole("row");
    await page.getByRole("cell", { name: "reviews.default.svc.cluster.local" }).first().waitFor();
    await page.getByRole("searchbox", { name: "Filter" }).last().fill("destination-rules v2");
    await expect.poll(() => rows.filter({ hasText: "v2" }).count(), { timeout: 10_000 }).toBe(1);
    expect(new URL(page.url()).searchParams.get("find")).toBe("destination-rules v2");
    await page.getByText("Routes", { exact: true }).click();
    await page.getByRole("searchbox", { name: "Filter" }).last().fill("end-user");
    await page.getByRole("cell", { name: "/* with end-user" }).waitFor();
    await page.getByRole("button", { name: "9080", exact: true }).click();
    await page.getByText('"virtualHosts"').waitFor();
    expect(await serious(page, "aside")).toEqual([]);
    await page.reload();
    await page.getByRole("cell", { name: "/* with end-user" }).waitFor();
    expect(complaints.filter((words) => !words.startsWith("Generated path"))).toEqual([]);
    await close();
  });
});
