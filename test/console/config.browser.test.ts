import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { serious } from "./axe.ts";
import { launch } from "./open-page.ts";
import { type OpenedPage, type ServedMesh, serveSample } from "./served-mesh.ts";

let browser: Browser;
let mesh: ServedMesh;
let opened: OpenedPage | undefined;

beforeAll(async () => {
  [browser, mesh] = await Promise.all([launch(), serveSample(29_310)]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await mesh?.close();
}, 60_000);
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function show(path: string): Promise<OpenedPage> {
  opened = await mesh.open(browser, path);
  return opened;
}

const ruleOf = "/config/edit/DestinationRule.networking.istio.io/default/reviews";

/** Puts a text in place of the editor's. */
async function write(page: Page, text: string): Promise<void> {
  const editor = page.locator(".yaml-editor .cm-content");
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

const virtualService = (host: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ratings
  namespace: default
spec:
  hosts: [ratings]
  http:
    - route:
        - destination:
            host: ${host}
      timeout: 2s
`;

it("tells what is wrong in the lines as they are typed, and what would be created", async () => {
  const { page, complaints } = await show("/config/new/yaml");
  await write(page, virtualService("rating"));
  const side = page.getByRole("complementary", { name: "What it would do" });
  await side.getByText("VirtualService ratings in default will be created").waitFor();
  await side.getByText('did you mean "ratings"?').waitFor();
  await page.locator(".cm-lintRange-error", { hasText: "rating" }).waitFor();
  await write(page, virtualService("ratings").replace("2s", "2 parsecs"));
  await side.getByText("VirtualService ratings in default is refused").waitFor();
  expect(await page.getByRole("button", { name: "Apply" }).isDisabled()).toBe(true);
  expect(complaints).toEqual([]);
});

it("offers the fields and values of the schema, and writes what is chosen", async () => {
  const { page } = await show(ruleOf);
  const editor = page.locator(".yaml-editor .cm-content");
  await editor.getByText("subsets:").waitFor();
  await write(page, "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: reviews\nspec:\n  ");
  await page.keyboard.type("tra");
  await page.getByRole("option", { name: /trafficPolicy/ }).click();
  await page.keyboard.type("tls");
  await page.getByRole("option", { name: /^tls/ }).click();
  await page.keyboard.type("mo");
  await page.getByRole("option", { name: /^mode/ }).click();
  await page.getByRole("option", { name: /ISTIO_MUTUAL/ }).click();
  await expect
    .poll(async () => (await editor.locator(".cm-line").allTextContents()).slice(-3))
    .toEqual(["  trafficPolicy:", "    tls:", "      mode: ISTIO_MUTUAL"]);
});

it("applies, asks before changes are lost, and deletes what is named", async () => {
  const { page, complaints } = await show("/config/new/yaml");
  await write(page, virtualService("ratings"));
  await page.getByRole("complementary", { name: "What it would do" }).getByText("will be created").waitFor();
  await page.getByRole("link", { name: "Config", exact: true }).first().click();
  await page.getByRole("dialog", { name: "Leave without applying?" }).getByRole("button", { name: "Stay" }).click();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("virtualservice.networking.istio.io/ratings created.").waitFor();
  await expect.poll(() => mesh.product.weft("get", "virtualservice", "ratings", "-o", "yaml")).toContain("timeout: 2s");
  await page.getByRole("button", { name: "Take it back" }).click();
  await page.getByText("Taken back.").waitFor();
  expect((await mesh.product.run(["get", "virtualservice", "ratings"])).status).toBe(4);
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("button", { name: "Take it back" }).waitFor();
  await page.goto(`${mesh.url}/config/edit/VirtualService.networking.istio.io/default/ratings`);
  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete VirtualService ratings?" });
  expect(await dialog.getByRole("button", { name: "Delete", exact: true }).isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill("ratings");
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("region", { name: "Config" }).waitFor();
  expect((await mesh.product.run(["get", "virtualservice", "ratings"])).status).toBe(4);
  // The page may have asked for the object once more before it was left.
  expect(complaints.filter((c) => !c.includes("404"))).toEqual([]);
});

it("lists what was changed, by whom, and takes it back", async () => {
  await mesh.product.run(["apply", "-f", "-"], { input: virtualService("ratings") });
  const { page, complaints } = await show("/config/changes");
  const drawer = page.getByRole("complementary", { name: "Changes" });
  await drawer.getByText("VirtualService ratings in default was created").first().waitFor();
  await drawer.getByRole("button", { name: "Take it back" }).first().click();
  await drawer.getByText("virtualservice.networking.istio.io/ratings deleted.").waitFor();
  expect((await mesh.product.run(["get", "virtualservice", "ratings"])).status).toBe(4);
  expect(complaints).toEqual([]);
});

it("brings back what was deleted, byte by byte, also after a restart of the control plane", async () => {
  const { product } = mesh;
  const text = virtualService("ratings").replace("2s", '"2s" # until it is faster');
  await product.run(["apply", "-f", "-"], { input: text });
  await product.weft("delete", "virtualservice", "ratings");
  await product.weft("delete", "destinationrule", "reviews");
  await mesh.restart();
  const { page, complaints } = await show("/config");
  await page.getByRole("link", { name: "Deleted" }).click();
  const drawer = page.getByRole("complementary", { name: "Lately deleted" });
  await drawer.getByText("VirtualService ratings in default").waitFor();
  await drawer.getByRole("button", { name: "Restore VirtualService ratings" }).click();
  await drawer.getByText("virtualservice.networking.istio.io/ratings created.").waitFor();
  await drawer.getByRole("button", { name: "Restore VirtualService ratings" }).waitFor({ state: "detached" });
  expect(await product.weft("get", "virtualservice", "ratings", "-o", "yaml")).toContain(text.trimEnd());
  const [, command = ""] = /weft (undo .*)$/m.exec(await product.weft("changes", "--deleted")) ?? [];
  expect(await product.weft(...command.trim().split(/ +/), "--wait")).toContain(
    "destinationrule.networking.istio.io/reviews created",
  );
  expect(await product.weft("get", "destinationrule", "reviews")).toContain("destination-rules.yaml");
  await drawer.getByText("Nothing that was deleted is gone").waitFor();
  await product.weft("delete", "virtualservice", "ratings");
  expect(complaints).toEqual([]);
});

it("leads both ways along references, and shows who would miss what is deleted", async () => {
  const { page, complaints } = await show("/config/DestinationRule.networking.istio.io/default/reviews");
  const drawer = page.getByRole("complementary", { name: "DestinationRule reviews" });
  await drawer.getByRole("link", { name: "Service reviews in default" }).click();
  const service = page.getByRole("complementary", { name: "Service reviews" });
  await service.getByRole("link", { name: "DestinationRule reviews in default" }).waitFor();
  await service.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete Service reviews?" });
  await dialog.getByText("would name something that is gone").waitFor();
  await dialog.getByRole("link", { name: "DestinationRule reviews in default" }).waitFor();
  expect(complaints).toEqual([]);
});

it("writes by a form what it shows, over the rules that are there", async () => {
  const { page, complaints } = await show("/config/new/traffic-shifting?service=default/reviews");
  await page.getByRole("textbox", { name: "Share of the requests 1: Share" }).fill("90");
  await page.getByText("The shares make 156 %").waitFor();
  expect(await page.getByRole("button", { name: "Apply" }).isDisabled()).toBe(true);
  await page.getByRole("textbox", { name: "Share of the requests 2: Share" }).fill("10");
  await page.getByRole("textbox", { name: "Share of the requests 3: Share" }).fill("0");
  await page.getByText("VirtualService reviews in default will be created").waitFor();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("virtualservice.networking.istio.io/reviews created.").waitFor();
  await page.goto(`${mesh.url}/config/new/fault-injection?service=default/reviews`);
  await page.getByText("VirtualService reviews in default will be changed").waitFor();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("virtualservice.networking.istio.io/reviews configured.").waitFor();
  const written = await mesh.product.weft("get", "virtualservice", "reviews", "-o", "yaml");
  expect(written).toMatch(/weight: 90[\s\S]*weight: 10[\s\S]*httpStatus: 503/);
  await mesh.product.weft("delete", "virtualservice", "reviews");
  expect(complaints).toEqual([]);
});

it.each(["/config/new", "/config/new/yaml", "/config/new/request-routing", "/config/new/authorization", ruleOf])(
  "has nothing that axe calls serious: %s",
  async (path) => {
    const { page } = await show(path);
    await page
      .getByText(path === "/config/new" ? "New configuration" : "What it would do")
      .first()
      .waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expect.poll(() => page.locator("html").getAttribute("data-mantine-color-scheme")).toBe(colorScheme);
      expect(await serious(page), colorScheme).toEqual([]);
    }
  },
);

it("asks in a cluster before it writes over others: who changed it, who manages it, what is warned of", async () => {
  const { page, complaints } = await show("/config");
  const asked: string[] = [];
  await page.route("**/api/v1/facts*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...(await answer.json()), writes: "cluster" } });
  });
  const object = { name: "destinationrule.networking.istio.io/reviews", namespace: "default", diagnostics: [] };
  const theirs = { yaml: "theirs: yes\n", basis: "b2" };
  await page.route("**/api/v1/apply?*", async (route) => {
    const query = new URL(route.request().url()).searchParams;
    asked.push(
      [
        ...query.getAll("basis"),
        ...(query.has("dryRun") ? ["dry"] : []),
        ...(query.has("force") ? ["force"] : []),
      ].join(" "),
    );
    const managed = { kind: "managed", by: [{ manager: "argocd-controller", fields: [".spec.host"] }] };
    const conflicts = [{ kind: "changed", theirs }, managed];
    const conflict = conflicts[asked.length - 1];
    const outcome = conflict ? { outcome: "refused", conflict } : { outcome: "configured", warnings: [] };
    const dryRun = query.has("dryRun");
    await route.fulfill({ json: { dryRun, objects: [{ ...object, ...outcome }] } });
  });
  await page.goto(new URL(ruleOf, page.url()).href);
  const rule =
    "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: reviews, namespace: default}\n";
  await write(page, `${rule}spec: {host: reviews}\n`);
  await page.getByRole("button", { name: "Apply" }).click();
  const note = page.getByRole("alert");
  await note.getByText("Nothing is written yet.").waitFor();
  await note.getByText("Here is theirs").click();
  await note.getByText("theirs: yes").waitFor();
  expect(await serious(page)).toEqual([]);
  if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/conflict.png` });
  await note.getByRole("button", { name: "Write mine over it" }).click();
  await note.getByText("argocd-controller").waitFor();
  await note.getByRole("button", { name: "Take these fields over" }).click();
  await page.getByRole("status").getByText("reviews configured").waitFor();
  const key = "DestinationRule.networking.istio.io/default/reviews@";
  expect(asked[0]).toMatch(new RegExp(`^${key}[0-9a-f]{16} dry$`));
  expect(asked.slice(1)).toEqual([`${key}b2 dry`, `${key}b2 force`]);
  expect(complaints).toEqual([]);
});
