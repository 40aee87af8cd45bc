import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { AppliedObject } from "./contract/apply.ts";
import type { ProxyStatus } from "./state.ts";
import { proxy } from "./testdata/bookinfo.ts";
import { advance, ask, bearer, listeners, port, post, start } from "./testdata/served.ts";

describe("what the CLI asks", () => {
  test("proxies, and what one was sent or says it has", async () => {
    const asked: string[] = [];
    await start({
      sentConfig: async (id, type) => {
        asked.push(`${id} ${type}`);
        return [
          { name: "outbound|9080||reviews", version: "v1", origins: ["reviews.yaml:3:1"], resource: { name: "x" } },
        ];
      },
      envoyConfig: async () => {
        throw new Error("connection refused");
      },
    });
    expect((await ask("/api/v1/proxies")).json.items.map((p: { id: string }) => p.id)).toEqual([
      "productpage-v1-0.default",
      "reviews-v1-0.default",
      "reviews-v2-0.default",
    ]);
    const nodeId = "sidecar~10.0.0.7~reviews-v1-0.default~default.svc.cluster.local";
    for (const id of ["reviews-v1-0.default", "reviews-v1-0", encodeURIComponent(nodeId)]) {
      expect((await ask(`/api/v1/proxies/${id}/config/cluster`)).json).toMatchObject({
        proxy: "reviews-v1-0.default",
        source: "sent",
        resources: [{ origins: ["reviews.yaml:3:1"] }],
      });
    }
    expect(asked).toEqual(new Array(3).fill(`${nodeId} cluster`));
    const refused = await ask("/api/v1/proxies/reviews-v1-0/config/cluster?source=envoy");
    expect([refused.status, refused.json.error]).toEqual([
      502,
      "reviews-v1-0.default did not answer: connection refused",
    ]);
    expect((await ask("/api/v1/proxies/reviews-v1-0/config/mood")).status).toBe(404);
    expect((await ask("/api/v1/version")).json).toMatchObject({
      version: "0.1.0",
      proxies: [{ envoyVersion: "1.40.0" }, {}, {}],
    });
  });

  const applied = (outcome: AppliedObject["outcome"]): AppliedObject => ({
    name: "virtualservice/reviews",
    namespace: "default",
    outcome,
    diagnostics: [],
  });

  test("apply hands the text on and tells each object's outcome", async () => {
    const seen: unknown[] = [];
    await start({
      apply: async (text, options) => {
        seen.push([text, options]);
        return [applied(text === "bad" ? "refused" : "created")];
      },
    });
    expect(await post("/api/v1/apply?dryRun", "kind: VirtualService")).toMatchObject({
      status: 200,
      json: { dryRun: true, objects: [{ outcome: "created" }] },
    });
    expect(await post("/api/v1/apply", "bad")).toMatchObject({
      status: 422,
      json: { dryRun: false, objects: [{ outcome: "refused" }] },
    });
    expect(seen).toMatchObject([
      ["kind: VirtualService", { dryRun: true }],
      ["bad", { dryRun: false }],
    ]);
    expect((await post("/api/v1/apply?wait=soon", "x")).status).toBe(400);
    expect(seen).toHaveLength(2);
  });

  test("a body that is too long, or no UTF-8, is refused", async () => {
    await start({ apply: async () => [] }, {}, { bodyLimit: 1000 });
    expect((await post("/api/v1/apply", "x".repeat(1001))).status).toBe(413);
    expect((await post("/api/v1/apply", "x".repeat(5000), { ...bearer, "transfer-encoding": "chunked" })).status).toBe(
      413,
    );
    expect((await post("/api/v1/apply", new Uint8Array([0xff, 0xfe]))).status).toBe(400);
    expect((await post("/api/v1/apply", "ok")).status).toBe(200);
  });

  describe("wait", () => {
    let proxies: ProxyStatus[];
    const changed = () => {
      for (const listener of [...listeners]) listener("mesh");
    };
    const begin = async () => {
      proxies = [
        proxy("reviews-v1"),
        proxy("reviews-v2", { CDS: { sent: 2, acked: 1 } }),
        proxy("gone", {}, { connected: false }),
      ];
      let settle = () => {};
      const settling = new Promise<void>((done) => {
        settle = done;
      });
      let asked = () => {};
      const waiting = new Promise<void>((done) => {
        asked = done;
      });
      const settled = () => {
        asked();
        return settling;
      };
      await start({ apply: async () => [applied("created")], settled }, { proxies: () => proxies });
      const answer = post("/api/v1/apply?wait=30s", "x");
      await waiting;
      return { answer, settle };
    };

    test("ends when every connected proxy has it", async () => {
      const { answer, settle } = await begin();
      settle();
      while (listeners.size < 2) await new Promise((next) => setImmediate(next));
      proxies = [proxy("reviews-v1"), proxy("reviews-v2")];
      changed();
      expect(await answer).toMatchObject({
        status: 200,
        json: { wait: { done: true, total: 2, synced: 2, waitingFor: [] } },
      });
    });

    test("ends when a proxy refuses it, and says which", async () => {
      const { answer, settle } = await begin();
      settle();
      while (listeners.size < 2) await new Promise((next) => setImmediate(next));
      proxies = [proxy("reviews-v1"), proxy("reviews-v2", { CDS: { sent: 2, acked: 1, error: "no" } })];
      changed();
      expect(await answer).toMatchObject({
        status: 422,
        json: { wait: { done: false, waitingFor: ["reviews-v2-0.default"] } },
      });
    });

    test("ends when its time is over before the change was even read, though every proxy has what it was sent", async () => {
      const { answer } = await begin();
      proxies = [proxy("reviews-v1")];
      advance(30_000);
      expect(await answer).toMatchObject({ status: 504, json: { wait: { done: false, synced: 1, waitingFor: [] } } });
    });

    test("ends when its time is over, and says who is waited for", async () => {
      const { answer } = await begin();
      advance(30_000);
      expect(await answer).toMatchObject({
        status: 504,
        json: { wait: { done: false, total: 2, synced: 1, waitingFor: ["reviews-v2-0.default"] } },
      });
    });
  });

  test("logs come line by line, and end when the client goes", async () => {
    const asked: unknown[] = [];
    let ended = () => {};
    const end = new Promise<void>((done) => {
      ended = done;
    });
    await start({
      logs: (pod, { signal, caller: _, previous: __, ...options }) => {
        asked.push([pod, options]);
        if (pod.name === "none") return undefined;
        return (async function* () {
          yield "first";
          yield "second";
          if (options.follow) await once(signal, "abort").then(ended);
        })();
      },
    });
    const plain = await ask("/api/v1/logs/reviews-v1-0.default?container=proxy&tail=5");
    expect([plain.text, plain.headers["content-type"]]).toEqual(["first\nsecond\n", "text/plain; charset=utf-8"]);
    const missing = await ask("/api/v1/logs/none");
    expect([missing.status, missing.json.fix]).toEqual([
      404,
      "there are productpage-v1-0.default, reviews-v1-0.default, reviews-v2-0.default",
    ]);
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /api/v1/logs/reviews-v1-0?follow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let heard = "";
    while (!heard.includes("second")) heard += String((await once(socket, "data"))[0]);
    socket.destroy();
    await end;
    expect(asked).toEqual([
      [
        { name: "reviews-v1-0", namespace: "default" },
        { container: "proxy", follow: false, tail: 5 },
      ],
      [
        { name: "none", namespace: undefined },
        { container: "application", follow: false, tail: undefined },
      ],
      [
        { name: "reviews-v1-0", namespace: undefined },
        { container: "application", follow: true, tail: undefined },
      ],
    ]);
  });
});
