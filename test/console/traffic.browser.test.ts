import { expect, it, vi } from "vitest";
import { scenarios } from "../../console/test/fake-api.ts";
import { onePage } from "./one-page.ts";
import { type Opened, placeOf, standing } from "./open-page.ts";

const node = (name: string) => `workload/default/${name}`;
const edge = (from: string, to: string, service: string) =>
  `${node(from)}->${node(to)}|${service}.default.svc.cluster.local`;

const show = onePage();
const traffic = (scenario: string, path = "/traffic", options = {}) => show(scenario, path, options);

it("draws the mesh, says each node in words, and asks nobody but its own server", async () => {
  const { page, complaints } = await traffic("healthy", "/");
  await standing(page);
  expect(new URL(page.url()).pathname).toBe("/traffic");
  expect(await page.getByRole("option").count()).toBe(10);
  expect(await page.getByRole("option", { name: /^reviews, v2, healthy, receives/ }).count()).toBe(1);
  await page.getByRole("heading", { name: "Nothing is wrong" }).waitFor();
  await page.getByRole("status", { name: "Mesh" }).getByText("All 9 proxies in sync").waitFor();
  expect([await inked(page, 1), await inked(page, 3)]).toEqual([true, true]);
  expect(complaints).toEqual([]);
});

it("puts the worst first; a problem leads to its drawer, Escape back, and the focus with it", async () => {
  const { page, complaints } = await traffic("failing");
  await standing(page);
  const problem = page.getByRole("link", { name: /reviews-v2 answers 503/ });
  await problem.focus();
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("complementary", { name: "Traffic of reviews-v2" });
  await drawer.getByText("no connection to the callee").waitFor();
  expect(new URL(page.url()).pathname).toBe(`/traffic/node/${node("reviews-v2")}`);
  expect(await drawer.getByRole("heading", { level: 2 }).evaluate(isFocused)).toBe(true);
  await drawer.getByRole("img", { name: "Latency over time" }).locator("canvas").waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  expect(await problem.evaluate(isFocused)).toBe(true);
  expect(complaints).toEqual([]);
});

it("opens a node, then an edge by pointer, and follows links from one to the other", async () => {
  const { page, complaints } = await traffic("failing");
  await standing(page);
  const at = await placeOf(page, node("details-v1"));
  await page.mouse.click(at.x, at.y);
  await page.getByRole("complementary", { name: "Traffic of details-v1" }).waitFor();
  const own = page.getByRole("complementary", { name: "Traffic of details-v1" });
  await own.getByRole("heading", { name: "Newest traces" }).waitFor();
  const middle = await placeOf(page, edge("productpage-v1", "reviews-v1", "reviews"));
  await page.mouse.click(middle.x, middle.y);
  const drawer = page.getByRole("complementary", { name: "Traffic from productpage-v1 to reviews-v1" });
  await drawer.getByText("HTTP to reviews.default.svc.cluster.local").waitFor();
  await drawer.getByText("both sides have shown a certificate").waitFor();
  await drawer.getByRole("link", { name: "Traffic of reviews-v1" }).click();
  await page
    .getByRole("complementary", { name: "Traffic of reviews-v1" })
    .getByRole("link", { name: "Workload reviews-v1" })
    .click();
  await page.getByRole("complementary", { name: "reviews-v1" }).getByText("Proxy reviews-v1-0.default").waitFor();
  expect(complaints).toEqual([]);
});

it("walks by keys: arrows from node to node, Enter opens, plus and zero zoom", async () => {
  const { page } = await traffic("healthy");
  await standing(page);
  const graph = page.getByRole("listbox", { name: "Traffic graph" });
  await graph.focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
  expect(await graph.getAttribute("aria-activedescendant")).toBe(`node-${node("productpage-v1")}`);
  const before = await placeOf(page, node("details-v1"));
  await page.keyboard.press("+");
  expect((await placeOf(page, node("details-v1"))).y).toBeLessThan(before.y);
  await page.keyboard.press("0");
  expect((await placeOf(page, node("details-v1"))).y).toBeCloseTo(before.y, 0);
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Traffic of productpage-v1" }).waitFor();
});

it("moves nobody when the mesh changes: new ones come in, gone ones go", async () => {
  const { page, fake } = await traffic("healthy");
  await standing(page);
  await page.getByRole("button", { name: "Zoom in" }).click();
  const before = await placeOf(page, node("ratings-v1"));
  fake.become((at) => {
    const world = (scenarios["healthy"] as NonNullable<(typeof scenarios)[string]>)(at);
    const { nodes, edges } = world.graph;
    const kept = nodes.filter((n) => n.name !== "details-v1");
    const fresh = kept
      .filter((n) => n.name === "reviews-v3")
      .map((n) => ({ ...n, id: node("reviews-v4"), name: "reviews-v4", version: "v4" }));
    const calls = edges
      .filter((e) => e.target === node("reviews-v3"))
      .map((e) => ({ ...e, id: "to v4", target: node("reviews-v4") }));
    return {
      ...world,
      graph: {
        ...world.graph,
        nodes: [...kept, ...fresh],
        edges: [...edges.filter((e) => e.target !== node("details-v1")), ...calls],
      },
    };
  });
  await page.getByRole("option", { name: /^reviews, v4/ }).waitFor();
  await vi.waitFor(() => expect(placeOf(page, node("details-v1"))).rejects.toThrow("not on the graph"), {
    timeout: 10_000,
  });
  expect((await placeOf(page, node("reviews-v4"))).x).toBeGreaterThan((await placeOf(page, node("productpage-v1"))).x);
  expect(await placeOf(page, node("ratings-v1"))).toEqual(before);
});

it("keeps namespaces and time range in the address, and asks for what they say", async () => {
  const { page } = await traffic("healthy", "/traffic?ns=istio-system&window=900");
  await standing(page);
  expect(await page.getByRole("radio", { name: "last 15 minutes" }).isChecked()).toBe(true);
  expect(await page.getByRole("option").count()).toBe(3);
  const asked = page.waitForRequest((request) => request.url().includes("/graph?window=3600&namespaces=istio-system"));
  await page.getByText("1h", { exact: true }).click();
  await asked;
  await page.getByRole("button", { name: "Namespaces: istio-system" }).click();
  await page.getByRole("menuitemcheckbox", { name: "All namespaces" }).click();
  await expect.poll(() => page.getByRole("option").count(), { timeout: 10_000 }).toBe(10);
  await page.getByRole("link", { name: "Workloads" }).click();
  await expect.poll(() => new URL(page.url()).search).toBe("?window=3600");
});

it("asks again as often as the address says, at once when it is told to, and calls the tab what is on the page", async () => {
  const { page, fake } = await traffic("healthy", "/workloads?refresh=off");
  await page.clock.install();
  const asked: string[] = [];
  await page.getByRole("row", { name: /reviews-v1/ }).click();
  await expect.poll(() => page.title()).toBe("reviews-v1 · Workloads · Weft");
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const questions = () => asked.filter((path) => path === "/api/v1/workloads").length;
  fake.tell("workloads");
  await page.clock.runFor(400_000);
  await page.getByRole("button", { name: "Refresh now" }).click();
  await expect.poll(questions).toBe(1);
  await page.clock.resume();
  const choose = async (words: string) => {
    await page.getByRole("button", { name: "Refresh: " }).click();
    await page.getByRole("menuitemradio", { name: words }).click();
  };
  await choose("every 5 seconds");
  await page.getByRole("button", { name: "Refresh: 5s" }).waitFor();
  expect(new URL(page.url()).searchParams.get("refresh")).toBe("5");
  await expect.poll(questions, { timeout: 20_000 }).toBe(2);
  await choose("as the mesh changes");
  fake.tell("workloads");
  await expect.poll(questions, { timeout: 20_000 }).toBeGreaterThan(2);
  expect(new URL(page.url()).searchParams.has("refresh")).toBe(false);
});

it("says what would be here in an empty mesh, and the command that makes it so", async () => {
  const { page, complaints } = await traffic("empty");
  await page.getByRole("heading", { name: "No traffic" }).waitFor();
  await page.getByText("npx weft load").waitFor();
  await page.getByRole("link", { name: "Workloads" }).click();
  await page.getByText("npx weft up samples/bookinfo").waitFor();
  expect(complaints).toEqual([]);
});

it("stands before the first request, says how to make some, and is laid out again with them", async () => {
  const { page, fake, complaints } = await traffic("quiet");
  await standing(page);
  await page.getByText("No request in this time").waitFor();
  fake.become(scenarios["healthy"] as NonNullable<(typeof scenarios)[string]>);
  await page.getByText("No request in this time").waitFor({ state: "detached" });
  const x = async (name: string) => (await placeOf(page, node(name))).x;
  const leftToRight = async () =>
    (await x("ratings-v1")) > (await x("reviews-v2")) && (await x("reviews-v2")) > (await x("productpage-v1"));
  await expect.poll(leftToRight, { timeout: 10_000 }).toBe(true);
  expect(complaints).toEqual([]);
});

it("hangs below a prefix by its base address alone", async () => {
  const { page, url, complaints } = await traffic("failing", "/traffic?window=300", { prefix: "/weft/" });
  await standing(page);
  await page.getByRole("link", { name: /reviews-v2 answers 503/ }).click();
  await page.getByRole("complementary", { name: "Traffic of reviews-v2" }).waitFor();
  expect(page.url()).toBe(`${url}/weft/traffic/node/${node("reviews-v2")}?window=300`);
  await page.reload();
  await page
    .getByRole("complementary", { name: "Traffic of reviews-v2" })
    .getByText("no connection to the callee")
    .waitFor();
  expect(complaints).toEqual([]);
});

it("reads values off the charts under one crosshair", async () => {
  const { page } = await traffic("failing", `/traffic/node/${node("reviews-v2")}`);
  const drawer = page.getByRole("complementary", { name: "Traffic of reviews-v2" });
  await drawer.getByRole("img", { name: "Requests over time" }).locator(".u-over").hover();
  await expect.poll(() => drawer.getByText(/^(Requests|Failed|Latency) at \d\d:\d\d:\d\d$/).count()).toBe(3);
});

it("says that the control plane is away, keeps what it had, and recovers by itself", async () => {
  const { page, fake } = await traffic("healthy");
  await standing(page);
  fake.away(true);
  const alert = page.getByRole("alert");
  await alert.getByText("does not answer").waitFor();
  expect(await page.getByRole("option").count()).toBe(10);
  fake.become(scenarios["failing"] as NonNullable<(typeof scenarios)[string]>);
  fake.away(false);
  await alert.waitFor({ state: "detached" });
  await page.getByRole("link", { name: /reviews-v2 answers 503/ }).waitFor();
});

it("shows namespaces in place of 500 workloads, and goes into one", async () => {
  const { page, complaints } = await traffic("large");
  await standing(page);
  expect(await page.getByRole("option").count()).toBe(500);
  const at = await placeOf(page, "workload/payments/payments-13");
  await page.mouse.click(at.x, at.y);
  // from afar a click goes into the namespace and opens no drawer; from near it opens one
  await expect.poll(async () => (await zoomOf(page)) > 0.36, { timeout: 10_000 }).toBe(true);
  expect(new URL(page.url()).pathname).toBe("/traffic");
  expect(complaints).toEqual([]);
});

it("moves nothing where motion is not wanted", async () => {
  const { page } = await traffic("healthy", "/traffic", { reducedMotion: "reduce" });
  await standing(page);
  expect([await inked(page, 1), await inked(page, 3)]).toEqual([true, true]);
  expect(await inked(page, 2)).toBe(false);
});

const isFocused = (element: { ownerDocument: { activeElement: unknown } }) =>
  element === element.ownerDocument.activeElement;

const zoomOf = (page: Opened["page"]) =>
  page.evaluate('document.querySelector(".graph-stage > div")._cyreg.cy.zoom()') as Promise<number>;

/** Whether anything is drawn on the first canvas (edges), the second (dots) or the third (plates); waits for two frames. */
function inked(page: Opened["page"], layer: 1 | 2 | 3): Promise<unknown> {
  return page.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
    const canvas = document.querySelectorAll(".graph-stage > canvas")[${layer - 1}];
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    done(data.some((value) => value !== 0));
  })))`);
}
