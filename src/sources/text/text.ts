import { dump } from "js-yaml";
import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { at, type FieldPath, type Origin, type Position } from "../../model/origin.ts";
import type { Resource } from "../../model/resource.ts";
import { deepFreeze, withoutNulls } from "../../std/plain.ts";
import { type Item, readDocument } from "./document.ts";
import { decodeObject } from "./object.ts";
import { locate, type Place } from "./place.ts";
import { type Slice, splitDocuments } from "./slices.ts";

/** Judges one object by itself; an Error refuses it. */
export type Validate = (resource: Resource) => readonly Diagnostic[];

/** What one document of a text says. */
export interface DocumentReading {
  readonly slice: Slice;
  /** Objects without an Error. */
  readonly resources: readonly Resource[];
  /** Objects with an identity that were refused. */
  readonly refused: readonly Resource[];
  /** False where something in it could not be told from its text: nobody knows what it meant to say. */
  readonly readable: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** A text's objects and what is wrong with it. */
export interface TextReading {
  readonly resources: readonly Resource[];
  /** Objects that have an identity but were refused: an analyser may still want to see them. */
  readonly refused: readonly Resource[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The most bytes that a text may have. */
export const maxBytes = 10 * 1024 * 1024;
/** The most findings told of one object. */
const maxFindings = 20;

/**
 * Reads a text of YAML or JSON. Pure: what `weft validate -f` and `weft analyze` see of a file. Objects are frozen, with positions in `file`;
 * `createdAt` is metadata's, else 0. Objects with errors are left out of `resources`.
 */
export function parseText(file: string, text: string, validate: Validate = () => []): TextReading {
  const readings = readText(file, text, validate);
  return {
    resources: readings.flatMap((r) => r.resources),
    refused: readings.flatMap((r) => r.refused),
    diagnostics: readings.flatMap((r) => r.diagnostics),
  };
}

/**
 * The same, document by document. A document whose slice is in `known` at the same place is not read again. In a JSON file, objects without
 * apiVersion and kind are none of ours (`package.json`) if `skipForeign` is set.
 */
export function readText(
  file: string,
  text: string,
  validate: Validate,
  known?: ReadonlyMap<string, DocumentReading>,
  skipForeign = false,
): DocumentReading[] {
  const clean = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (clean.length > maxBytes) return [tooLarge(file, clean.length)];
  return splitDocuments(clean).map((slice) => {
    const before = known?.get(slice.text);
    return before !== undefined && before.slice.line === slice.line
      ? before
      : readSlice(file, slice, validate, skipForeign);
  });
}

/** The reading of a file that is over the limit. */
export function tooLarge(file: string, bytes: number): DocumentReading {
  const message = `${(bytes / 1024 / 1024).toFixed(1)} MiB are more than the ${maxBytes / 1024 / 1024} MiB that one file may have`;
  return unreadable(file, {
    code: codes.limit,
    level: "Error",
    message,
    fix: "split the file, or list it in .weftignore",
  });
}

/** A reading that says nothing but a fault of the whole file. */
export function unreadable(file: string, fault: Diagnostic): DocumentReading {
  const position = { file, line: 1, column: 1 };
  return {
    slice: { text: "", line: 1 },
    resources: [],
    refused: [],
    readable: false,
    diagnostics: [{ position, ...fault }],
  };
}

function readSlice(file: string, slice: Slice, validate: Validate, skipForeign: boolean): DocumentReading {
  const reading = readDocument(slice.text);
  const none = { slice, resources: [], refused: [] };
  if ("fault" in reading) {
    const { code, message, fix, place } = reading.fault;
    return {
      ...none,
      readable: false,
      diagnostics: [{ code, level: "Error", message, fix, position: position(file, slice, place) }],
    };
  }
  const resources: Resource[] = [];
  const refused: Resource[] = [];
  const diagnostics: Diagnostic[] = [];
  let readable = true;
  for (const item of reading.items) {
    if (skipForeign && isForeign(file, item.value)) continue;
    const origin = originOf(file, slice, item);
    const read = readObject(item.value, origin, validate);
    diagnostics.push(...read.diagnostics);
    if (read.resource === undefined) readable = false;
    else if (read.refused) refused.push(read.resource);
    else resources.push(read.resource);
  }
  return { slice, resources, refused, readable, diagnostics };
}

/** One object that was read, judged: frozen, its diagnostics placed. Without a resource it has no identity. */
export interface ObjectReading {
  readonly resource?: Resource;
  readonly refused: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Decodes and judges one object, of a text or of an API server. */
export function readObject(value: unknown, origin: Origin, validate: Validate): ObjectReading {
  const { resource, faults } = decodeObject(value, origin);
  const all = resource === undefined ? faults : [...faults, ...validate(resource)];
  const diagnostics = all.slice(0, maxFindings).map((d) => placed(d, origin, resource));
  return { ...(resource === undefined ? {} : { resource: finished(resource) }), refused: hasError(all), diagnostics };
}

function isForeign(file: string, value: unknown): boolean {
  if (!file.toLowerCase().endsWith(".json")) return false;
  return typeof value !== "object" || value === null || !("apiVersion" in value || "kind" in value);
}

function hasError(faults: readonly Diagnostic[]): boolean {
  return faults.some((d) => d.level === "Error");
}

function placed(d: Diagnostic, origin: Origin, resource: Resource | undefined): Diagnostic {
  const about = d.about ?? (resource && { type: resource.type, namespace: resource.namespace, name: resource.name });
  return { ...d, ...(about && { about }), position: d.position ?? origin.locate(d.path ?? []) };
}

/** Kinds that hold another format's values, in which null says something. */
const keepsNulls = new Set([
  "EnvoyFilter.networking.istio.io",
  "WasmPlugin.extensions.istio.io",
  "TrafficExtension.extensions.istio.io",
]);

function finished(resource: Resource): Resource {
  const { origin, ...plain } = resource;
  const kept = keepsNulls.has(resource.type) ? plain : withoutNulls(plain);
  return deepFreeze({ ...kept, spec: kept.spec ?? {}, origin });
}

function position(file: string, slice: Slice, place: Place): Position {
  return { file, line: slice.line + place.line - 1, column: place.column };
}

function originOf(file: string, slice: Slice, { place, prefix, value }: Item): Origin {
  const start = position(file, slice, place);
  // A text does not change, and to find a place in it is dear: who asks again has it from here.
  const known = new Map<string, Position>([["[]", start]]);
  const find = (path: FieldPath) => position(file, slice, locate(slice.text, [...prefix, ...path]));
  return Object.freeze({
    ...start,
    at: at(start),
    locate: (path: FieldPath) => {
      const key = JSON.stringify(path);
      const found = known.get(key) ?? find(path);
      known.set(key, found);
      return found;
    },
    // An item of a List has no text that could stand alone.
    text: () => (prefix.length === 0 ? fromLine(slice.text, place.line) : dump(value)),
  });
}

function fromLine(text: string, line: number): string {
  return `${text
    .split("\n")
    .slice(line - 1)
    .join("\n")
    .trimEnd()}\n`;
}
