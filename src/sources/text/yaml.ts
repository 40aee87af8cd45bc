import {
  boolYaml11Tag,
  constructFromEvents,
  defineScalarTag,
  EVENT_ID,
  type Event,
  FAILSAFE_SCHEMA,
  floatYaml11Tag,
  getScalarValue,
  intYaml11Tag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from "js-yaml";
import type { FieldPath } from "../../model/origin.ts";

/** How deep maps and lists may nest. */
export const maxDepth = 200;
/** How many aliases a document may have, and how many nodes they may stand for beyond ten times its own. */
const maxAliases = 1000;
const maxExpansion = 10_000;

/** A text that says more than its length: aliases of aliases, or one that holds itself. */
export class ExpansionError extends Error {}

/** A text that is no YAML: the parser's reason, and where in `text` (the document's, with lines perhaps indented further). */
export class TreeError extends Error {
  readonly text: string;
  readonly offset: number;

  constructor(reason: string, text: string, offset: number) {
    super(reason);
    this.text = text;
    this.offset = offset;
  }
}

/** A document of YAML: its events in the order of the text (with offsets), and its value. */
export interface Tree {
  /** The text that the events' offsets are of: the document's, with lines perhaps indented further. */
  readonly text: string;
  readonly events: readonly Event[];
  /** Undefined for a document without content. */
  readonly value: unknown;
}

/** `0o17` is an octal for go-yaml too, base 60 (`12:30`) is not a number for it. */
const intTag = {
  ...intYaml11Tag,
  resolve: (source: string, isExplicit: boolean, tagName: string): number | typeof NOT_RESOLVED => {
    if (source.includes(":")) return NOT_RESOLVED;
    if (/^[-+]?0o[0-7]+$/.test(source)) return Number(source.replace(/^[-+]/, "")) * (source.startsWith("-") ? -1 : 1);
    return intYaml11Tag.resolve(source, isExplicit, tagName);
  },
};

/** `1e3` is a float for go-yaml as well as `1.0e+3`; base 60 is not. */
const floatTag = {
  ...floatYaml11Tag,
  resolve: (source: string, isExplicit: boolean, tagName: string): number | typeof NOT_RESOLVED => {
    if (source.includes(":")) return NOT_RESOLVED;
    if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(source)) return Number(source);
    return floatYaml11Tag.resolve(source, isExplicit, tagName);
  },
};

/** go-yaml hands binary on as the text that it decodes to. */
const binaryTag = defineScalarTag<string>("tag:yaml.org,2002:binary", {
  resolve: (source) =>
    /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(source) ? Buffer.from(source, "base64").toString("utf8") : NOT_RESOLVED,
  identify: () => false,
});

const timestampTag = defineScalarTag<string>("tag:yaml.org,2002:timestamp", {
  resolve: (source) => source,
  identify: () => false,
});

/** YAML 1.1 as kubectl's parser reads it (sigs.k8s.io/yaml, of go-yaml v2): `on` and `0755` are what YAML 1.1 says; dates and `12:30` are text. */
const schema = FAILSAFE_SCHEMA.withTags(
  nullYaml11Tag,
  boolYaml11Tag,
  intTag,
  floatTag,
  mergeTag,
  binaryTag,
  timestampTag,
);

/** How many lines of a document may be indented too little. */
const maxIndented = 500;

/**
 * Reads one document. Throws TreeError for bad text, SecondDocument, ExpansionError for an alias bomb.
 * A bracket that is closed in its key's own column is fine for kubectl, though not for YAML 1.2: such a line is read as if it were indented.
 */
export function readTree(original: string): Tree {
  let text = original;
  for (let i = 0; ; i++) {
    try {
      return { text, ...readStrictly(text) };
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error;
      const at = error.mark?.position ?? 0;
      if (error.reason !== "deficient indentation" || i === maxIndented) throw new TreeError(error.reason, text, at);
      text = `${text.slice(0, at)} ${text.slice(at)}`;
    }
  }
}

function readStrictly(text: string): Omit<Tree, "text"> {
  const events = parseEvents(text, { filename: "", maxDepth });
  const hasAliases = events.some((e) => e.type === EVENT_ID.ALIAS);
  const documents = constructFromEvents(events, { source: text, schema, maxAliases });
  if (documents.length > 1) throw new SecondDocument(secondDocument(events));
  if (hasAliases) assertSmall(documents[0], Math.max(maxExpansion, events.length * 10));
  return { events, value: documents[0] };
}

/** More than one document where there is no `---` between them. */
export class SecondDocument extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super("a second document");
    this.offset = offset;
  }
}

function secondDocument(events: readonly Event[]): number {
  const at = events.findLastIndex((e) => e.type === EVENT_ID.DOCUMENT);
  const content = events[at + 1];
  return content === undefined ? 0 : startOf(content);
}

function assertSmall(value: unknown, budget: number): void {
  let left = budget;
  const walk = (v: unknown, depth: number): void => {
    if (--left < 0 || depth > maxDepth) throw new ExpansionError();
    if (typeof v === "object" && v !== null) for (const child of Object.values(v)) walk(child, depth + 1);
  };
  walk(value, 0);
}

/** The offset of a field: of its key in a map, of its value in a list; of its nearest existing parent where it is not there. */
export function offsetOf({ text, events }: Pick<Tree, "text" | "events">, path: FieldPath): number {
  let at = events[0]?.type === EVENT_ID.DOCUMENT ? 1 : 0;
  const root = events[at];
  let offset = root === undefined ? 0 : startOf(root);
  for (const step of path) {
    at = target(text, events, at);
    const event = events[at];
    const child = event?.type === EVENT_ID.MAPPING ? keyed(text, events, at, String(step)) : item(events, at, step);
    if (child === undefined) return offset;
    offset = startOf(events[child.shown] as Event);
    at = child.value;
  }
  return offset;
}

/** The node that an alias stands for. */
function target(text: string, events: readonly Event[], at: number): number {
  const event = events[at];
  if (event?.type !== EVENT_ID.ALIAS) return at;
  const name = text.slice(event.anchorStart, event.anchorEnd);
  const found = events.findLastIndex(
    (e, i) =>
      i < at &&
      "valueStart" in e === false &&
      "start" in e &&
      e.anchorStart >= 0 &&
      text.slice(e.anchorStart, e.anchorEnd) === name,
  );
  return found < 0 ? at : found;
}

interface Child {
  /** Event whose place is told. */
  readonly shown: number;
  readonly value: number;
}

function keyed(text: string, events: readonly Event[], map: number, key: string): Child | undefined {
  for (let at = map + 1; events[at] !== undefined && events[at]?.type !== EVENT_ID.POP; ) {
    const event = events[at] as Event;
    const value = after(events, at);
    if (event.type === EVENT_ID.SCALAR && getScalarValue(text, event) === key) return { shown: at, value };
    at = after(events, value);
  }
  return undefined;
}

function item(events: readonly Event[], list: number, step: string | number): Child | undefined {
  if (events[list]?.type !== EVENT_ID.SEQUENCE) return undefined;
  let at = list + 1;
  for (let i = 0; events[at] !== undefined && events[at]?.type !== EVENT_ID.POP; i++) {
    if (i === Number(step)) return { shown: at, value: at };
    at = after(events, at);
  }
  return undefined;
}

/** The event after a whole node. */
function after(events: readonly Event[], at: number): number {
  let depth = 0;
  for (let i = at; i < events.length; i++) {
    const type = events[i]?.type;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth++;
    else if (type === EVENT_ID.POP) depth--;
    if (depth <= 0) return i + 1;
  }
  return events.length;
}

function startOf(event: Event): number {
  if ("valueStart" in event) {
    const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    return Math.max(0, event.valueStart - (isQuoted ? 1 : 0));
  }
  if ("start" in event) return Math.max(0, event.start);
  return "anchorStart" in event ? Math.max(0, event.anchorStart - 1) : 0;
}
