import type { ConfigFacts, FactService } from "../../../../src/api/contract/facts.ts";
import type { Fault, Shape } from "./checks.ts";

/** One line of a list in a form. */
export type Row = Readonly<Record<string, string>>;
export type Value = string | boolean | readonly Row[];
/** What was filled in, by the field's id. */
export type Form = Readonly<Record<string, Value>>;

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** A field of a form. */
export interface Field {
  readonly id: string;
  readonly label: string;
  /** What it means, where the label is short. */
  readonly hint?: string;
  /** `lines`: one value a line. `rows`: a list of `columns`. `said`: a column that cannot be changed. */
  readonly kind: "text" | "number" | "choice" | "toggle" | "lines" | "rows" | "said";
  /** What its text must look like; a number is a count where nothing is said. */
  readonly is?: Shape;
  /** It must not be empty. */
  readonly needed?: boolean;
  readonly choices?: readonly Choice[];
  /** Offered, but anything may be written. */
  readonly suggestions?: readonly string[];
  readonly unit?: string;
  readonly columns?: readonly Field[];
  /** Words of the button that adds a row; without it rows stay as many as they are. */
  readonly add?: string;
  /** What a new row begins with. */
  readonly fresh?: Row;
}

/** An object that is there and that a wizard may change. */
export interface Existing {
  readonly type: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly name: string;
  readonly yaml: string;
  /** What it said when it was looked at (`ConfigDetail.basis`). */
  readonly basis?: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** A host of outside that a ServiceEntry shall have. */
export interface Given {
  readonly host?: string;
  /** Where it was called by its address alone. */
  readonly address?: string;
  readonly port?: string;
  readonly protocol?: string;
}

/** What a wizard is about. */
export interface About {
  readonly facts: ConfigFacts;
  /** Where a new object is put. */
  readonly namespace: string;
  /** Only where the wizard is for one. */
  readonly service?: FactService;
  /** What the address of the form says beforehand. */
  readonly given?: Given;
  /** The service's VirtualServices and DestinationRules. */
  readonly existing: readonly Existing[];
}

/** What becomes of one object: an existing one keeps everything that is not named here. */
export interface Edit {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** A path and the value that goes there; undefined takes the field away. */
  readonly set: readonly (readonly [path: readonly (string | number)[], value: unknown])[];
}

/** From a form to objects. Everything of it is pure. */
export interface Wizard {
  readonly id: string;
  readonly title: string;
  /** What it is good for, in a sentence. */
  readonly words: string;
  readonly group: "Routing" | "Resilience" | "Gateways" | "Security" | "Scope";
  readonly subject: "service" | "namespace";
  readonly start: (about: About) => Form;
  readonly fields: (form: Form, about: About) => readonly Field[];
  readonly edits: (form: Form, about: About) => readonly Edit[];
  /** What is missing or makes no sense yet beside the shapes of its fields: of the whole, in sentences, or of one place. */
  readonly problems?: (form: Form, about: About) => readonly (string | Fault)[];
}

/** A field's text; empty where it is none. */
export function text(form: Form, id: string): string {
  const value = form[id];
  return typeof value === "string" ? value.trim() : "";
}

export function isOn(form: Form, id: string): boolean {
  return form[id] === true;
}

export function rows(form: Form, id: string): readonly Row[] {
  const value = form[id];
  return Array.isArray(value) ? (value as readonly Row[]) : [];
}

/** A field's number; undefined where nothing is written or what is written is none. */
export function number(form: Form | Row, id: string): number | undefined {
  const value = form[id];
  const written = typeof value === "string" ? value.trim() : "";
  return written === "" || !Number.isFinite(Number(written)) ? undefined : Number(written);
}

/** The lines of a field, without empty ones. */
export function lines(form: Form, id: string): readonly string[] {
  return wordsOf(text(form, id), "\n");
}

/** Parts of a text between separators, without empty ones. */
export function wordsOf(written: string, separator = ","): readonly string[] {
  return written
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** An object without the fields that are undefined or empty lists; undefined where nothing is left. */
export function filled<T extends object>(fields: T): T | undefined {
  const kept = Object.entries(fields).filter(([, v]) => v !== undefined && !(Array.isArray(v) && v.length === 0));
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as T);
}

export function choices(values: readonly string[]): readonly Choice[] {
  return values.map((value) => ({ value, label: value }));
}
