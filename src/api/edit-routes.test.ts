import { deepStrictEqual, strictEqual } from "node:assert";
import { describe, test } from "vitest";
import type { DraftAnswer } from "./contract/edit.ts";
import type { ConfigFacts } from "./contract/facts.ts";
import type { Editing } from "./editing.ts";
import { ask, bearer, post, start } from "./testdata/served.ts";

const nothing: DraftAnswer = { objects: [], findings: [], brought: [], mended: [], whole: true };
const facts: ConfigFacts = {
  ...{ namespaces: [], services: [], servicesLeft: 0, workloads: [], gateways: [], gatewayClasses: [] },
  ...{ trustDomain: "cluster.local", rootNamespace: "istio-system", writes: "overlay" },
};
const editing: Editing = {
  facts: (namespaces) => ({ ...facts, namespaces: [...namespaces] }),
  references: ({ namespace, name }) =>
    name === "x" ? { uses: [], usedBy: [{ text: namespace, field: "f", at: "" }] } : undefined,
  draft: (text) => ({ ...nothing, whole: text === "kind: X" }),
  schemas: () => [{ type: "X.y", kind: "X", apiVersions: ["y/v1"], namespaced: true }],
  schema: (type, version) => (type === "X.y" && version !== "v9" ? { type: "object" } : undefined),
};

describe("what an editor asks", () => {
  test("a draft is for everybody who may read, and nothing of it is an act of authority", async () => {
    const readers = { editing, mayRead: async () => true };
    await start({}, {}, readers);
    const { status, json } = await post("/api/v1/drafts", "kind: X", {});
    deepStrictEqual([status, json], [200, nothing]);
  });

  test("who may not read may not ask about a draft either", async () => {
    await start({}, {}, { editing, mayRead: async () => false });
    strictEqual((await post("/api/v1/drafts", "kind: X", {})).status, 401);
    strictEqual((await post("/api/v1/drafts", "kind: X", bearer)).status, 200);
  });

  test("a page of another origin may not ask about a draft", async () => {
    await start({}, {}, { editing });
    const from = { origin: "http://evil.example", "sec-fetch-site": "cross-site" };
    strictEqual((await post("/api/v1/drafts", "kind: X", from)).status, 403);
  });

  test("a draft has a megabyte at most", async () => {
    await start({}, {}, { editing });
    strictEqual((await post("/api/v1/drafts", "x".repeat(1024 * 1024 + 1))).status, 413);
  });

  test("schemas by type and version; what has none is not found", async () => {
    await start({}, {}, { editing });
    deepStrictEqual((await ask("/api/v1/schemas/X.y?version=v1")).json, { type: "object" });
    strictEqual((await ask("/api/v1/schemas/X.y?version=v9")).status, 404);
    strictEqual((await ask("/api/v1/schemas")).json.length, 1);
  });

  test("names of the namespaces that were asked for, and references of objects that are there", async () => {
    await start({}, {}, { editing });
    deepStrictEqual((await ask("/api/v1/facts?namespaces=a,,b")).json.namespaces, ["a", "b"]);
    strictEqual((await ask("/api/v1/references/X.y/-/x")).json.usedBy[0].text, "");
    strictEqual((await ask("/api/v1/references/X.y/shop/x")).json.usedBy[0].text, "shop");
    strictEqual((await ask("/api/v1/references/X.y/shop/z")).status, 404);
  });

  test("without an editor it says so", async () => {
    await start();
    strictEqual((await post("/api/v1/drafts", "kind: X")).status, 501);
  });
});
