import { type About, type Field, type Form, lines, type Row, rows, type Wizard, wordsOf } from "./form.ts";

/** What a field's text must look like. */
export type Shape =
  | "name"
  | "duration"
  | "count"
  | "percent"
  | "port"
  | "ports"
  | "status"
  | "labels"
  | "host"
  | "hosts"
  | "paths"
  | "path"
  | "principals"
  | "url"
  | "address"
  | "egress"
  | "header"
  | "backend";

/** What is wrong at one place, in a sentence; `at`: a field's id, or `LIST/ROW/COLUMN`. */
export interface Fault {
  readonly at: string;
  readonly says: string;
}

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/i;
const isHost = (text: string) =>
  text === "*" ||
  text
    .replace(/^\*\./, "")
    .split(".")
    .every((part) => label.test(part) && part.length <= 63);
const isCount = (text: string, least: number, most: number) =>
  /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
const isLabel = (text: string) =>
  /^([-a-z0-9.]+\/)?[a-z0-9]([-\w.]*[a-z0-9])?=([a-z0-9]([-\w.]*[a-z0-9])?)?$/i.test(text);
const port = (text: string) => isCount(text, 1, 65535);
const each = (holds: (one: string) => boolean) => (text: string) => wordsOf(text).every(holds);

/** Whether a text is of a shape, and what to say where it is not. */
const shapes: Readonly<Record<Shape, readonly [holds: (text: string) => boolean, says: string]>> = {
  name: [
    (t) => /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(t) && t.length <= 253,
    "Small letters, digits and dashes; a letter or digit at both ends.",
  ],
  duration: [(t) => /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(t), "A time with its unit: 500ms, 2s, 1m30s."],
  count: [(t) => isCount(t, 0, 2 ** 31 - 1), "A whole number."],
  percent: [(t) => /^\d+(\.\d+)?$/.test(t) && Number(t) <= 100, "A number from 0 to 100."],
  port: [port, "A port: 1 to 65535."],
  ports: [each(port), "Ports (1 to 65535) between commas."],
  status: [(t) => isCount(t, 200, 599), "An HTTP status: 200 to 599."],
  labels: [each(isLabel), "Labels as app=reviews, between commas."],
  host: [isHost, "A host: shop.example.com, or *.example.com."],
  hosts: [
    each((t) => isHost(t.replace(/^([-a-z0-9]+|[.*])\//, ""))),
    "Hosts between commas: shop.example.com, *.example.com.",
  ],
  path: [(t) => t.startsWith("/"), "A path begins with /."],
  paths: [each((t) => /^[/*{]/.test(t)), "Paths begin with / (or *), between commas."],
  principals: [
    each((t) => !t.includes("://") && (t.includes("/") || t.startsWith("*") || t.endsWith("*"))),
    "As cluster.local/ns/default/sa/page: without spiffe://.",
  ],
  url: [(t) => /^https?:\/\/[^\s/]+/.test(t), "An address that begins with https:// or http://."],
  address: [
    (t) =>
      /^(\d{1,3}\.){3}\d{1,3}(\/\d{1,2})?$/.test(t) || /^[0-9a-f:]*:[0-9a-f:.]*(\/\d{1,3})?$/i.test(t) || isHost(t),
    "An IP address, or a name.",
  ],
  egress: [
    (t) => /^([-a-z0-9]+|[.*~])\/\S+$/.test(t),
    "As namespace/host: ./*, istio-system/*, shop/cart.shop.svc.cluster.local.",
  ],
  header: [(t) => /^[!#$%&'*+.^`|~\w-]+\s*:/.test(t), "As name: value."],
  backend: [
    (t) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(:\d+)?$/.test(t) && (!t.includes(":") || port(t.split(":")[1] ?? "")),
    "A Service, or Service:port.",
  ],
};

/** What is wrong in a form: beside which field, and of the whole. */
export function judgeForm(
  wizard: Wizard,
  form: Form,
  about: About,
): { readonly faults: readonly Fault[]; readonly whole: readonly string[] } {
  const said = wizard.problems?.(form, about) ?? [];
  const own = said.flatMap((problem) => (typeof problem === "string" ? [] : [problem]));
  const shaped = wizard.fields(form, about).flatMap((field) => faultsOf(field, form));
  const told = new Set(shaped.map(({ at }) => at));
  return {
    faults: [...shaped, ...own.filter(({ at }) => !told.has(at))],
    whole: said.flatMap((problem) => (typeof problem === "string" ? [problem] : [])),
  };
}

function faultsOf(field: Field, form: Form): readonly Fault[] {
  if (field.kind === "rows")
    return rows(form, field.id).flatMap((row, i) =>
      (field.columns ?? []).flatMap((column) => faultOf(column, `${field.id}/${i}/${column.id}`, row[column.id] ?? "")),
    );
  if (field.kind === "lines") {
    const all = lines(form, field.id);
    if (all.length === 0) return faultOf(field, field.id, "");
    return all.flatMap((line) => faultOf(field, field.id, line)).slice(0, 1);
  }
  const value = form[field.id];
  return typeof value === "string" ? faultOf(field, field.id, value) : [];
}

function faultOf({ is, needed, kind }: Field, at: string, written: Row[string]): readonly Fault[] {
  const text = written.trim();
  if (text === "") return needed ? [{ at, says: "Needed." }] : [];
  const shape = is ?? (kind === "number" ? "count" : undefined);
  if (shape === undefined) return [];
  const [holds, says] = shapes[shape];
  if (holds(text)) return [];
  return [{ at, says: kind === "lines" ? `${text}: ${says}` : says }];
}
