import { fieldsOf } from "../../scripts/ledger/fields.ts";
import { validateObject } from "../../src/analysis/validate/object.ts";
import { credentialSet, credentialsKey } from "../../src/discovery/resources/credentials.ts";
import { proxyConfig, proxyKey } from "../../src/discovery/resources/proxy.ts";
import { ledgerOf } from "../../src/gen/ledger.ts";
import type { Resource } from "../../src/model/resource.ts";
import { apply } from "../../src/model/snapshot.ts";
import type { Tracker } from "../../src/track/tracker.ts";
import type { ProxyConfig, ResourceSet } from "../../src/xds/resource.ts";
import { trackerOf } from "../cluster/mesh.ts";
import type { GoldenCase } from "./golden-cases.ts";
import { occurring, without } from "./without.ts";

// A field is witnessed by a golden case whose outcome changes when the field is taken away: what a proxy gets, or whether the object is taken at all.

/** Type of an object → field → the case that would notice its loss. */
export type Witnesses = ReadonlyMap<string, ReadonlyMap<string, string>>;

export function witnessesOf(cases: readonly GoldenCase[]): Witnesses {
  const found = new Map<string, Map<string, string>>();
  for (const each of cases) {
    const trial = new Trial(each);
    for (const type of new Set(each.own.map((object) => object.type))) {
      const objects = each.own.filter((object) => object.type === type);
      const seen = found.get(type) ?? new Map<string, string>();
      found.set(type, seen);
      for (const path of occurring(objects, knownPaths(type)))
        if (!seen.has(path) && trial.notices(objects, path)) seen.set(path, each.name);
    }
  }
  return found;
}

const paths = new Map<string, ReadonlySet<string>>();

function knownPaths(type: string): ReadonlySet<string> {
  let known = paths.get(type);
  if (known === undefined) {
    const all = [...fieldsOf(type), ...ledgerOf(type).filter((row) => row.path.startsWith("metadata."))];
    known = new Set(all.map((field) => field.path));
    paths.set(type, known);
  }
  return known;
}

/** One case, whose mesh is edited and put back; incremental, since that gives the same as from scratch (test/property). */
class Trial {
  readonly #case: GoldenCase;
  readonly #tracker: Tracker;
  readonly #before: ProxyConfig;

  constructor(golden: GoldenCase) {
    this.#case = golden;
    this.#tracker = trackerOf([...golden.mesh, ...golden.own]);
    this.#before = this.#ask();
  }

  notices(objects: readonly Resource[], path: string): boolean {
    const edits = objects.flatMap((object) => {
      const edited = without(object, path);
      return edited === object ? [] : [{ object, edited }];
    });
    try {
      this.#advance(edits.map((e) => e.edited));
      if (!sameBytes(this.#before, this.#ask())) return true;
    } catch {
      // Validation refuses such an object, or the next line says no.
    } finally {
      this.#advance(edits.map((e) => e.object));
    }
    return edits.some(({ object, edited }) => !isRefused(object) && isRefused(edited));
  }

  #advance(objects: readonly Resource[]): void {
    this.#tracker.advance(
      apply(
        this.#tracker.snapshot,
        objects.map((put) => ({ put })),
      ),
    );
  }

  #ask(): ProxyConfig {
    const { proxy, eager } = this.#case;
    const secrets = credentialsKey(proxy);
    return new Map([
      ...this.#tracker.ask(proxyConfig, proxyKey(proxy, eager)),
      ...(secrets === undefined ? [] : [["secrets", this.#tracker.ask(credentialSet, secrets)] as const]),
    ]);
  }
}

function isRefused(object: Resource): boolean {
  return validateObject(object).some((d) => d.level === "Error");
}

function sameBytes(a: ProxyConfig, b: ProxyConfig): boolean {
  return a.size === b.size && [...a].every(([type, set]) => sameSet(set, b.get(type)));
}

function sameSet(a: ResourceSet, b: ResourceSet | undefined): boolean {
  if (a === b) return true;
  const [before, after] = [a.resources, b?.resources];
  return (
    after !== undefined &&
    before.size === after.size &&
    [...before].every(([name, { version }]) => after.get(name)?.version === version)
  );
}
