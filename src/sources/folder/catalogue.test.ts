import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SourceEvent } from "../../model/change.ts";
import { formatRef, type Resource } from "../../model/resource.ts";
import { VirtualAddresses } from "../virtual-addresses.ts";
import { Catalogue } from "./catalogue.ts";
import { service } from "./watched.test-kit.ts";

class State {
  readonly catalogue = new Catalogue(() => [], new VirtualAddresses());
  readonly inForce = new Map<string, Resource>();
  last: SourceEvent = { changes: [], diagnostics: [] };

  put(file: string, text: string, rank = 0): void {
    this.catalogue.put({ file, rank }, text);
    this.flush();
  }

  flush(now = 5): void {
    this.last = this.catalogue.flush(now);
    for (const change of this.last.changes) {
      if ("put" in change) this.inForce.set(formatRef(change.put), change.put);
      else this.inForce.delete(formatRef(change.remove));
    }
  }
}

const good = {
  "a.yaml": `${service("a")}---\n${service("b")}`,
  "b.yaml": service("c"),
  "c.json": JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name: "d" } }),
};

/** A change of a text: bytes flipped, a part cut out, or the end lost. */
const mutation = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    how: fc.constantFrom("flip", "cut", "truncate", "insert"),
    byte: fc.nat(255),
  }),
  { minLength: 1, maxLength: 6 },
);

function mutate(text: string, steps: readonly { at: number; how: string; byte: number }[]): string {
  let bytes = Buffer.from(text);
  for (const { at, how, byte } of steps) {
    const i = Math.floor(at * bytes.length);
    if (how === "flip") bytes[i] = byte;
    else if (how === "truncate") bytes = bytes.subarray(0, i);
    else if (how === "cut") bytes = Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + (byte % 16))]);
    else bytes = Buffer.concat([bytes.subarray(0, i), Buffer.from([byte]), bytes.subarray(i)]);
  }
  return bytes.toString("utf8");
}

describe("whatever is written into a file", () => {
  test("never throws, harms no other file, and is mended by the good text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...Object.keys(good)), mutation), { minLength: 1, maxLength: 5 }),
        (edits) => {
          const state = new State();
          for (const [file, text] of Object.entries(good)) state.put(file, text);
          const touched = new Set(edits.map(([file]) => file));
          for (const [file, steps] of edits) state.put(file, mutate(good[file as keyof typeof good], steps));
          for (const d of state.last.diagnostics) expect(d.position?.line).toBeGreaterThan(0);
          const names: Record<string, string[]> = { "a.yaml": ["a", "b"], "b.yaml": ["c"], "c.json": ["d"] };
          for (const file of Object.keys(good)) {
            if (touched.has(file)) continue;
            // An object that another file now names too is still this one's, or the other's with an earlier path.
            for (const name of names[file] ?? []) expect(state.inForce.has(`Service default/${name}`)).toBe(true);
          }
          for (const [file, text] of Object.entries(good)) state.put(file, text);
          expect([...state.inForce.keys()].sort()).toEqual(["a", "b", "c", "d"].map((n) => `Service default/${n}`));
          expect(state.last.diagnostics).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("while a document cannot be read, the objects of its file stay", () => {
    fc.assert(
      fc.property(mutation, (steps) => {
        const state = new State();
        state.put("a.yaml", good["a.yaml"]);
        const text = mutate(good["a.yaml"], steps);
        state.put("a.yaml", text);
        const unreadable = state.last.diagnostics.some((d) =>
          ["WEFT0001", "WEFT0002", "WEFT0004", "WEFT0005", "WEFT0006"].includes(d.code),
        );
        if (!unreadable) return;
        expect(state.inForce.has("Service default/a")).toBe(true);
        expect(state.inForce.has("Service default/b")).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("equal files in another order give the same objects and addresses", () => {
    const files = Array.from({ length: 50 }, (_, i) => [`f${i}.yaml`, service(`s${i}`)] as const);
    const run = (order: readonly (readonly [string, string])[]): unknown => {
      const state = new State();
      for (const [file, text] of order) state.catalogue.put({ file, rank: 0 }, text);
      state.flush();
      return [...state.inForce].sort().map(([name, r]) => [name, r.spec]);
    };
    expect(run(files)).toEqual(run([...files].reverse()));
  });
});

describe("addresses", () => {
  const ip = (r: Resource | undefined): unknown => (r?.spec as { clusterIP?: string } | undefined)?.clusterIP;

  test("a Service keeps its address through edits, and frees it when it goes", () => {
    const state = new State();
    state.put("a.yaml", service("a"));
    const first = ip(state.inForce.get("Service default/a"));
    expect(first).toMatch(/^10\.96\./);
    state.put("a.yaml", service("a", 81));
    expect(ip(state.inForce.get("Service default/a"))).toBe(first);
    state.put("a.yaml", "");
    state.put("a.yaml", service("a"));
    expect(ip(state.inForce.get("Service default/a"))).toBe(first);
  });

  test("a written address is left alone, and given to no other", () => {
    const state = new State();
    state.put("a.yaml", service("a"));
    const taken = ip(state.inForce.get("Service default/a"));
    const fresh = new State();
    fresh.catalogue.put({ file: "a.yaml", rank: 0 }, service("a"));
    fresh.catalogue.put({ file: "z.yaml", rank: 0 }, service("z").replace("spec:", `spec:\n  clusterIP: ${taken}`));
    fresh.flush();
    expect(ip(fresh.inForce.get("Service default/z"))).toBe(taken);
    expect(ip(fresh.inForce.get("Service default/a"))).not.toBe(taken);
  });

  test("headless and external Services get none", () => {
    const state = new State();
    state.put("a.yaml", service("a").replace("spec:", "spec:\n  clusterIP: None"));
    state.put(
      "b.yaml",
      "apiVersion: v1\nkind: Service\nmetadata: {name: b}\nspec: {type: ExternalName, externalName: example.com}\n",
    );
    expect(ip(state.inForce.get("Service default/a"))).toBe("None");
    expect(ip(state.inForce.get("Service default/b"))).toBeUndefined();
  });

  test("a ServiceEntry's hosts get addresses of their own, but wildcards and resolution NONE", () => {
    const entry = (spec: string): string =>
      `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: e}\nspec: ${spec}\n`;
    const state = new State();
    const addresses = (): unknown =>
      (state.inForce.get("ServiceEntry default/e")?.status as { addresses?: unknown } | undefined)?.addresses;
    state.put("e.yaml", entry('{hosts: [a.com, "*.b.com", c.com], resolution: DNS}'));
    expect(addresses()).toEqual([
      { host: "a.com", value: expect.stringMatching(/^240\.240\./) },
      { host: "c.com", value: expect.stringMatching(/^240\.240\./) },
    ]);
    state.put("e.yaml", entry("{hosts: [a.com]}"));
    expect(addresses()).toBeUndefined();
    state.put("e.yaml", entry("{hosts: [a.com], resolution: STATIC, addresses: [1.2.3.4]}"));
    expect(addresses()).toBeUndefined();
  });
});
