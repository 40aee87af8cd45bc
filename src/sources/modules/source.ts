import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Change, Source, SourceEvent } from "../../model/change.ts";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { FieldPath } from "../../model/origin.ts";
import type { Ref, Resource } from "../../model/resource.ts";
import { backoff } from "../../std/backoff.ts";
import type { Clock } from "../../std/clock.ts";
import type { Random } from "../../std/random.ts";
import { ModuleCache, stampOf } from "./cache.ts";

/** A WebAssembly module that some object of the mesh names. */
export interface WantedModule {
  /** What the mesh shall know it by. */
  readonly as: Ref;
  /** `file://`, `http://` or `https://`. */
  readonly url: string;
  /** What it must have, in hexadecimal; "" is any. */
  readonly sha256: string;
  /** Fetched again though it was fetched before this program started. */
  readonly always: boolean;
  /** Who names it, and where: its diagnostics are about that. */
  readonly by: Resource;
  readonly path: FieldPath;
}

export interface ModuleOptions {
  /** Where modules are kept. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Rejects where the bytes cannot be had. */
  fetch(url: string): Promise<Uint8Array>;
}

/** How often a file of this machine is looked at. */
const lookEveryMs = 1000;

interface Held {
  readonly wanted: WantedModule;
  cancel: () => void;
  said?: string;
  fault?: string;
}

/**
 * Fetches the modules that are wanted, and tells where each is. It speaks when it is first told what is wanted: with what is on this machine
 * already, so that nobody is served without. A file of this machine is looked at again when it changes. */
export class ModuleSource implements Source {
  readonly name = "modules";
  readonly #options: ModuleOptions;
  readonly #cache: ModuleCache;
  readonly #held = new Map<string, Held>();
  #listener: (event: SourceEvent) => void = () => {};

  constructor(options: ModuleOptions) {
    this.#options = options;
    this.#cache = new ModuleCache(options.folder);
  }

  async start(listener: (event: SourceEvent) => void): Promise<void> {
    this.#listener = listener;
  }

  async stop(): Promise<void> {
    for (const { cancel } of this.#held.values()) cancel();
    this.#held.clear();
  }

  /** All that is wanted now, instead of what was wanted before. */
  want(all: readonly WantedModule[]): void {
    const wanted = new Map(all.map((w) => [w.as.name, w]));
    const gone = [...this.#held].filter(([name]) => !wanted.has(name));
    for (const [name, { cancel }] of gone) {
      cancel();
      this.#held.delete(name);
    }
    for (const [name, one] of wanted) if (!this.#held.has(name)) this.#begin(one);
    this.#tell(gone.map(([, one]) => ({ remove: one.wanted.as })));
  }

  #begin(wanted: WantedModule): void {
    const one: Held = { wanted, cancel: () => {} };
    this.#held.set(wanted.as.name, one);
    const { url, sha256, always } = wanted;
    if (url.startsWith("file:")) {
      this.#look(one, "none");
      return;
    }
    const before = always ? undefined : this.#cache.find(url, sha256);
    if (before === undefined) this.#load(one, 0);
    else this.#settle(one, { file: before });
  }

  #look(one: Held, before: string): void {
    const { url, sha256 } = one.wanted;
    let now = "";
    try {
      const path = fileURLToPath(url);
      now = stampOf(path);
      if (now !== before) this.#settle(one, { file: this.#cache.keep(url, sha256, readFileSync(path)) });
    } catch (error) {
      this.#settle(one, { error: (error as Error).message });
    }
    one.cancel = this.#options.clock.after(lookEveryMs, () => this.#look(one, now));
  }

  #load(one: Held, attempt: number): void {
    const { clock, random, fetch } = this.#options;
    const { url, sha256 } = one.wanted;
    fetch(url)
      .then((bytes) => this.#settle(one, { file: this.#cache.keep(url, sha256, bytes) }))
      .catch((error: Error) => {
        this.#settle(one, { error: error.message });
        if (this.#held.get(one.wanted.as.name) !== one) return;
        one.cancel = clock.after(backoff(attempt, 1000, 60_000, random), () => this.#load(one, attempt + 1));
      });
  }

  #settle(one: Held, spec: { readonly file?: string; readonly error?: string }): void {
    const said = JSON.stringify(spec);
    if (this.#held.get(one.wanted.as.name) !== one || said === one.said) return;
    one.said = said;
    one.fault = spec.error ?? "";
    this.#tell([{ put: moduleObject(one.wanted, spec) }]);
  }

  #tell(changes: readonly Change[]): void {
    this.#listener({ changes, diagnostics: [...this.#held.values()].flatMap(fault) });
  }
}

function fault({ wanted, fault }: Held): readonly Diagnostic[] {
  if (!fault) return [];
  const { by, path, url } = wanted;
  const { type, namespace, name, origin } = by;
  return [
    {
      code: codes.noModule,
      level: "Error",
      about: { type, namespace, name },
      path,
      position: origin.locate(path),
      message: `the module ${url} cannot be used: ${fault}`,
      fix: "until it can, its requests are refused, or pass with failStrategy: FAIL_OPEN",
    },
  ];
}

function moduleObject({ as, by }: WantedModule, spec: object): Resource {
  const rest = { apiVersion: "weft.dev/v1", labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  return Object.freeze({ ...as, ...rest, spec, origin: by.origin });
}
