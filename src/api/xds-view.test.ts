import { describe, expect, test } from "vitest";
import { holdersOf, lastAck, type Stream, type StreamType, typesOf } from "./xds-view.ts";

const clusters = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const routes = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
const type = (typeUrl: string, more: Partial<StreamType> = {}): StreamType => ({
  typeUrl,
  names: 0,
  wildcard: true,
  state: "synced",
  rejected: [],
  lastSentAt: 1,
  ...more,
});
const set = (...named: [string, ...string[]][]) => ({
  resources: new Map(named.map(([name, ...origins]) => [name, { origins }])),
});

describe("typesOf", () => {
  const config = new Map([[clusters, set(["a", "x:1:1"], ["b", "x:1:1"], ["c", "y:1:1"])]]);
  test.each([
    [type(clusters), { sent: 3, acked: 3 }],
    [type(clusters, { state: "sending" }), { sent: 3, acked: 2 }],
    [
      type(clusters, {
        state: "rejected",
        rejected: ["a", "b"].map((name) => ({ resource: { name, origins: ["x:1:1"] }, error: `no ${name}` })),
      }),
      { sent: 3, acked: 1, error: "no a", origins: ["x:1:1"] },
    ],
    [type(clusters, { wildcard: false, names: 2 }), { sent: 2, acked: 2 }],
  ])("%o", (one, expected) => expect(typesOf([one], config)).toEqual(new Map([["CDS", expected]])));

  test("a type that was asked for but never sent is left out, unless the proxy brought all of it along; one that waits is behind", () => {
    const { lastSentAt: _never, ...unsent } = type(routes);
    expect(typesOf([unsent], new Map()).size).toBe(0);
    expect(typesOf([{ ...unsent, state: "sending" }], config).size).toBe(0);
    const held = new Map([[routes, set(["r", "x:1:1"])]]);
    expect(typesOf([unsent], held)).toEqual(new Map([["RDS", { sent: 1, acked: 1 }]]));
    expect(typesOf([type(routes, { state: "sending" })], config)).toEqual(new Map([["RDS", { sent: 1, acked: 0 }]]));
  });
});

test("the last of all acknowledgements counts", () => {
  expect(lastAck([type(clusters, { lastAckAt: 5 }), type(routes, { lastAckAt: 9 })])).toBe(9);
  expect(lastAck([type(clusters)])).toBeUndefined();
});

test("an origin's holders have taken it when all that was made of it is taken", () => {
  const config = new Map([
    [clusters, set(["a", "x:1:1"], ["b", "x:1:1", "y:1:1"], ["c", "z:1:1"])],
    [routes, set(["r", "x:1:1"])],
  ]);
  const stream = (pending: string[], more: Partial<Stream> = {}): Stream => ({
    config,
    types: [type(clusters, { state: pending.length > 0 ? "sending" : "synced" }), type(routes)],
    resource: (_type, name) => (pending.includes(name) ? { sent: "v2" } : {}),
    ...more,
  });
  const only = new Map([[routes, set(["r", "x:1:1"])]]);
  expect(holdersOf([stream([]), stream(["b"]), stream([], { config: only })])).toEqual(
    new Map([
      ["x:1:1", { total: 3, acked: 2 }],
      ["y:1:1", { total: 2, acked: 1 }],
      ["z:1:1", { total: 2, acked: 2 }],
    ]),
  );
});
