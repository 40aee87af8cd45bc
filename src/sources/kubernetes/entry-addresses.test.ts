import { expect, test } from "vitest";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { EntryAddresses } from "./entry-addresses.ts";
import { originOf } from "./origin.ts";

function entry(name: string, createdAt: number): Resource {
  const ref = { type: types.ServiceEntry, namespace: "default", name };
  return {
    ...ref,
    apiVersion: "networking.istio.io/v1",
    labels: {},
    annotations: {},
    createdAt,
    generation: 1,
    spec: { hosts: [`${name}.example.org`], resolution: "DNS" },
    origin: originOf(ref),
  };
}

// So many that some hundred meet another's address.
const entries = Array.from({ length: 5000 }, (_, i) => entry(`e${i}`, 1000 * (i % 50)));

function addressesOf(addresses: EntryAddresses, all: readonly Resource[]): readonly unknown[] {
  return all.map((each) => addresses.assign(each.name, each).status);
}

test("addresses follow from the objects, not from the order in which they came and went", () => {
  const [early, late] = [new EntryAddresses(), new EntryAddresses()];
  for (const [i, each] of entries.entries()) {
    early.put(each.name, each);
    if (i % 1000 === 0) early.settle();
  }
  for (const each of entries.slice(0, 1000)) early.remove(each.name);
  early.settle();
  for (const each of entries.slice(1000).toReversed()) late.put(each.name, each);
  late.settle();
  const kept = entries.slice(1000);
  const given = addressesOf(early, kept);
  expect(given).toEqual(addressesOf(late, kept));
  expect(new Set(given.map((status) => JSON.stringify(status))).size).toBe(kept.length);
});

test("who is moved is told, and nobody else", () => {
  const addresses = new EntryAddresses();
  for (const each of entries) addresses.put(each.name, each);
  expect(addresses.settle()).toHaveLength(entries.length);
  expect(addresses.settle()).toEqual([]);
  const before = new Map(entries.map((each) => [each.name, JSON.stringify(addresses.assign(each.name, each).status)]));
  for (const each of entries.slice(0, 500)) addresses.remove(each.name);
  const told = addresses.settle();
  const moved = entries
    .slice(500)
    .filter((each) => JSON.stringify(addresses.assign(each.name, each).status) !== before.get(each.name));
  expect([...told].sort()).toEqual(moved.map((each) => each.name).sort());
  expect(moved.length).toBeGreaterThan(0);
});
