import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { LevelChange, MeshActions } from "./actions.ts";
import type { AuditEntry } from "./contract/session.ts";
import { ask, port, post, start } from "./testdata/served.ts";

const lines = ["GET /reviews 200", "get /ratings 503", "started (a) [b]", "a".repeat(60)];
const logs: NonNullable<MeshActions["logs"]> = (pod, { follow, signal }) =>
  pod.name === "reviews-v1-0"
    ? (async function* () {
        yield* lines;
        if (follow && !signal.aborted) await once(signal, "abort");
      })()
    : undefined;
const path = "/api/v1/logs/reviews-v1-0.default";
const read = async (query: string) => (await ask(`${path}${query}`)).text.trimEnd().split("\n");

describe("lines of a log", () => {
  test.each([
    ["?show=get", ["GET /reviews 200", "get /ratings 503"]],
    ["?hide=GET&show=a", ["started (a) [b]", lines[3]]],
    ["?show=(a)%20%5B", ["started (a) [b]"]],
    ["?regex&show=%5EGET%20.*%20200%24", ["GET /reviews 200"]],
    ["?regex&show=(?i)%5Eget&hide=503", ["GET /reviews 200"]],
    ["?regex&show=(a%2B)%2Bx", [""]],
  ])("%s", async (query, expected) => {
    await start({ logs });
    expect(await read(query)).toEqual(expected);
  });

  test.each([
    ["?regex&show=%5B", "show: RE2 does not take it: missing ]: ["],
    ["?regex&hide=(?=x)", "hide: RE2 does not take it: invalid perl operator: (?="],
    [`?show=${"x".repeat(1025)}`, "show: it is longer than 1024 characters"],
    ["?tail=100001", "tail:"],
    ["?container=other", "container:"],
  ])("refuses %s", async (query, words) => {
    await start({ logs });
    const { status, json } = await ask(`${path}${query}`);
    expect([status, json.error]).toEqual([400, expect.stringContaining(words)]);
  });

  test("a pattern is told to whoever reads the log, so that the last lines are the last of those that are wanted", async () => {
    const asked: unknown[] = [];
    await start({
      logs: (pod, options) => {
        asked.push([options.tail, lines.filter((line) => options.keep?.(line) ?? true)]);
        return logs(pod, options);
      },
    });
    await read("?tail=5&show=503");
    expect(asked).toEqual([[5, ["get /ratings 503"]]]);
  });

  test("a download names a file, and nothing else", async () => {
    await start({ logs });
    const { headers, text } = await ask(`${path}?download&container=proxy`);
    expect([headers["content-disposition"], headers["x-content-type-options"]]).toEqual([
      'attachment; filename="reviews-v1-0-proxy.log"',
      "nosniff",
    ]);
    expect(text.split("\n")).toHaveLength(5);
    await start({ logs: (_, options) => logs({ name: "reviews-v1-0", namespace: "default" }, options) });
    const odd = await ask("/api/v1/logs/a%0D%0Ab%22%2F..%2Fc.default?download");
    expect(odd.headers["content-disposition"]).toBe('attachment; filename="a__b__.._c-application.log"');
  });

  test("two hundred are read at once, and the next one waits", async () => {
    await start({ logs });
    const sockets = Array.from({ length: 200 }, () => {
      const socket = connect(port, "127.0.0.1");
      socket.write(`GET ${path}?follow HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, "data")));
    const refused = await ask(path);
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "5"]);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await ask(path)).status).toBe(200);
  });
});

describe("levels of a proxy's loggers", () => {
  function levels() {
    const records: AuditEntry[] = [];
    const changes: LevelChange[] = [];
    const known = new Map<string, LevelChange["level"]>([
      ["admin", "warning"],
      ["http", "warning"],
    ]);
    const logLevels: MeshActions["logLevels"] = async (id, change) => {
      if (id !== "reviews-v1-0.default") return undefined;
      if (change !== undefined) {
        changes.push(change);
        for (const name of known.keys()) if ((change.logger ?? name) === name) known.set(name, change.level);
      }
      return [...known].map(([name, level]) => ({ name, level }));
    };
    return { logLevels, changes, records, audit: { write: (one: AuditEntry) => records.push(one), latest: () => [] } };
  }
  const at = "/api/v1/proxies/reviews-v1-0.default/log-levels";

  test("are read, and set for one or all; who did it is put down", async () => {
    const { logLevels, changes, audit, records } = levels();
    await start({ logLevels }, {}, { audit });
    expect((await ask(at)).json).toEqual({
      proxy: "reviews-v1-0.default",
      loggers: [
        { name: "admin", level: "warning" },
        { name: "http", level: "warning" },
      ],
      usual: "warning",
    });
    expect((await post(`${at}?level=debug&logger=http`)).json.loggers[1]).toEqual({ name: "http", level: "debug" });
    await post(`${at}?level=info`);
    expect(changes).toEqual([{ level: "debug", logger: "http" }, { level: "info" }]);
    await expect
      .poll(() => records.map(({ objects }) => objects))
      .toEqual([
        ["Pod default/reviews-v1-0: its proxy logs http at debug"],
        ["Pod default/reviews-v1-0: its proxy logs everything at info"],
      ]);
    expect((await ask(at, { method: "POST" })).status).toBe(401);
  });

  test.each([
    ["?level=loud", 400],
    ["?level=debug&logger=none", 400],
    ["?level=debug&logger=http%26paths%3Dx", 400],
    ["", 400],
  ])("refuse %s", async (query, status) => {
    const { logLevels, changes } = levels();
    await start({ logLevels });
    expect((await post(`${at}${query}`)).status).toBe(status);
    expect((await ask("/api/v1/proxies/none.default/log-levels")).status).toBe(404);
    expect(changes).toEqual([]);
  });
});
