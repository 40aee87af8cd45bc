import { describe, expect, test } from "vitest";
import type { Span, SpanQuery, SpanSource } from "../model/span.ts";
import { ask, now, start } from "./testdata/served.ts";

const trace = "a".repeat(32);
const span = (id: string, at: number, duration: number, over: Partial<Span> = {}): Span => ({
  ...{ trace, id, kind: "server", name: `${id}:80/*`, start: at * 1000, duration: duration * 1000, failed: false },
  ...{ namespace: "shop", workload: "web", tags: {} },
  ...over,
});
const spans: readonly Span[] = [
  span("4", 13, 4, { workload: "cart", parent: "3", failed: true }),
  span("3", 12, 8, { kind: "client", parent: "1", service: "cart.shop.svc.cluster.local" }),
  span("2", 11, 1, { kind: "client", parent: "1" }),
  span("1", 10, 20, { parent: "lost" }),
];

describe("the routes", () => {
  async function serve() {
    const asked: SpanQuery[] = [];
    const source: SpanSource = {
      about: { kind: "embedded" },
      search: async (query) => {
        asked.push(query);
        return { traces: [spans], more: true };
      },
      trace: async (id) => (id === trace ? spans : []),
    };
    await start({}, {}, { spans: source });
    return asked;
  }

  test("hand on what is asked for", async () => {
    const asked = await serve();
    const edge = encodeURIComponent("workload/shop/web>workload/shop/cart>http>cart.shop.svc.cluster.local");
    const { json } = await ask(`/api/v1/traces?edge=${edge}&min=5&failed=true&tag=a%3Db%3Dc&limit=7&namespaces=shop`);
    expect(asked).toEqual([
      {
        ...{
          from: now - 900_000,
          to: now,
          namespaces: ["shop"],
          atLeast: 5,
          failed: true,
          tags: { a: "b=c" },
          limit: 7,
        },
        subject: { edge: { source: { namespace: "shop", name: "web" }, target: { namespace: "shop", name: "cart" } } },
      },
    ]);
    expect(json).toMatchObject({
      source: { kind: "embedded" },
      more: true,
      traces: [{ id: trace, at: { duration: 8 } }],
    });
    expect((await ask(`/api/v1/traces/${trace}`)).json).toMatchObject({ id: trace, spans: [{ id: "1" }, {}, {}, {}] });
  });

  test.each([
    ["traces?workload=web", 400],
    ["traces?workload=a/b&service=c", 400],
    ["traces?edge=unknown%3Eworkload/a/b%3Ehttp%3Ex", 400],
    ["traces?tag=x", 400],
    ["traces?min=soon", 400],
    ["traces/xyz", 400],
    ["traces/bb", 404],
  ])("refuse %s with %d", async (path, status) => {
    await serve();
    expect((await ask(`/api/v1/${path}`)).status).toBe(status);
  });
});
