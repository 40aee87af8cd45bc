import fc from "fast-check";
import { expect, test } from "vitest";
import type { DeltaDiscoveryResponse } from "../gen/envoy/service/discovery/v3/discovery_pb.js";
import { type FakePort, newExchange, request, resource } from "./delta-client.fixture.ts";
import type { DeltaExchange } from "./delta-exchange.ts";
import type { ProxyConfig, ResourceSet, XdsResource } from "./resource.ts";
import { TYPE } from "./type-url.ts";

// A client that behaves as Envoy does, and a server whose configuration changes under it, in any order of events: when all is quiet,
// the client has exactly what it should have.

const TYPES = [TYPE.cluster, TYPE.endpoint, TYPE.route, TYPE.scopedRoute] as const;
const WILDCARD: ReadonlySet<string> = new Set([TYPE.cluster, TYPE.scopedRoute]);
const NAMES = ["a", "b", "c", "d", "e", "f"];

type Command =
  | { do: "set"; type: number; name: string; text: string; lazy: boolean }
  | { do: "delete"; type: number; name: string }
  | { do: "push" | "answer" | "reconnect" | "stall" | "drain" | "wait" }
  | { do: "subscribe" | "unsubscribe"; type: number; names: string[] };

const type = fc.nat(TYPES.length - 1);
const name = fc.constantFrom(...NAMES);
const text = fc.constantFrom("1", "2", "3", "bad");
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("set" as const), type, name, text, lazy: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete" as const), type, name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("push" as const, "answer" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("reconnect", "stall", "drain", "wait") }) as fc.Arbitrary<Command>,
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("subscribe" as const, "unsubscribe" as const),
      type,
      names: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    }),
  },
);

class World {
  port!: FakePort;
  exchange!: DeltaExchange;
  readonly eager = new Map<string, Map<string, XdsResource>>(TYPES.map((url) => [url, new Map()]));
  readonly lazy = new Map<string, Map<string, XdsResource>>(TYPES.map((url) => [url, new Map()]));
  readonly has = new Map<string, Map<string, string>>(TYPES.map((url) => [url, new Map()]));
  readonly names = new Map<string, Set<string>>(TYPES.map((url) => [url, new Set()]));
  config: ProxyConfig = new Map();

  constructor() {
    this.connect();
  }

  connect(): void {
    ({ port: this.port, exchange: this.exchange } = newExchange());
    this.exchange.push(this.config);
    for (const typeUrl of TYPES) {
      const names = [...this.of(this.names, typeUrl)];
      const subscribe = WILDCARD.has(typeUrl) ? ["*", ...names] : names;
      if (subscribe.length === 0) continue;
      request(this.exchange, { typeUrl, subscribe, versions: Object.fromEntries(this.of(this.has, typeUrl)) });
    }
  }

  of<T>(map: Map<string, T>, typeUrl: string): T {
    return map.get(typeUrl) as T;
  }

  push(): void {
    this.config = new Map(
      TYPES.map((typeUrl): [string, ResourceSet] => {
        const resources = new Map(this.of(this.eager, typeUrl));
        const old = this.config.get(typeUrl);
        const onDemand = new Map(this.of(this.lazy, typeUrl));
        const same =
          old && sameMap(old.resources, resources) && sameMap(old.onDemand as Map<string, XdsResource>, onDemand);
        return [typeUrl, same ? old : { resources, onDemand }];
      }),
    );
    this.exchange.push(this.config);
    this.exchange.flush();
  }

  /** Takes the next response as Envoy does: clusters one by one, routes up to the bad one; a bad one refuses the whole. */
  answer(): boolean {
    const response = this.port.responses.shift();
    if (!response) return false;
    const { typeUrl, nonce } = response;
    const bad = response.resources.some((resource) => resource.version === "v-bad");
    this.#apply(response);
    request(this.exchange, { typeUrl, nonce, ...(bad ? { error: "bad" } : {}) });
    return true;
  }

  #apply(response: DeltaDiscoveryResponse): void {
    const has = this.of(this.has, response.typeUrl);
    const wildcard = WILDCARD.has(response.typeUrl);
    for (const { name, version } of response.resources) {
      if (version === "v-bad" && response.typeUrl === TYPE.cluster) continue;
      if (version === "v-bad") return;
      if (wildcard || this.of(this.names, response.typeUrl).has(name)) has.set(name, version);
    }
    for (const name of response.removedResources) has.delete(name);
  }

  run(command: Command): void {
    if (command.do === "set") {
      const url = TYPES[command.type] as string;
      const [into, other] = command.lazy ? [this.lazy, this.eager] : [this.eager, this.lazy];
      this.of(into, url).set(command.name, resource(command.name, command.text));
      this.of(other, url).delete(command.name);
    } else if (command.do === "delete") {
      const url = TYPES[command.type] as string;
      this.of(this.eager, url).delete(command.name);
      this.of(this.lazy, url).delete(command.name);
    } else if (command.do === "subscribe" || command.do === "unsubscribe") {
      this.#names(command.do, TYPES[command.type] as string, command.names);
    } else if (command.do === "reconnect") this.connect();
    else if (command.do === "push") this.push();
    else if (command.do === "answer") this.answer();
    else if (command.do === "wait") this.port.advance(2_500);
    else {
      this.port.ready = command.do === "drain";
      this.exchange.flush();
    }
  }

  #names(what: "subscribe" | "unsubscribe", typeUrl: string, all: string[]): void {
    const mine = this.of(this.names, typeUrl);
    const names = all.filter((name) => mine.has(name) !== (what === "subscribe"));
    if (names.length === 0) return;
    for (const name of names) what === "subscribe" ? mine.add(name) : mine.delete(name);
    if (what === "unsubscribe" && !WILDCARD.has(typeUrl))
      for (const name of names) this.of(this.has, typeUrl).delete(name);
    request(this.exchange, { typeUrl, [what]: names });
  }

  quiet(): void {
    this.port.ready = true;
    this.push();
    for (let rounds = 0; this.answer(); rounds++) if (rounds > 300) throw new Error("it never ends");
    if (!this.exchange.settled()) throw new Error("nothing is under way, and yet it is not settled");
  }

  check(): void {
    for (const typeUrl of TYPES) {
      const named = this.of(this.names, typeUrl);
      for (const name of NAMES) {
        const wildcard = WILDCARD.has(typeUrl);
        const eager = wildcard || named.has(name) ? this.of(this.eager, typeUrl).get(name) : undefined;
        const should = eager ?? (named.has(name) ? this.of(this.lazy, typeUrl).get(name) : undefined);
        const does = this.of(this.has, typeUrl).get(name);
        if (should?.version === "v-bad")
          expect(this.exchange.resource(typeUrl, name)?.error, `${typeUrl} ${name}`).toBe("bad");
        else expect(does, `${typeUrl} ${name}`).toBe(should?.version);
      }
    }
  }
}

function sameMap(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

test("whatever happens, the client ends with exactly what it should have", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 150, size: "max" }), (commands) => {
      const world = new World();
      for (const each of commands) world.run(each);
      world.quiet();
      world.check();
    }),
    { numRuns: 1_500 },
  );
});
