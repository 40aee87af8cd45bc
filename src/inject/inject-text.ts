import { createHash } from "node:crypto";
import { Document, isSeq, parseAllDocuments, visit } from "yaml";
import type { InjectContext } from "./context.ts";
import { injectPod } from "./inject-pod.ts";
import { jsonPatch, type Operation } from "./json-patch.ts";
import { type FoundPod, podsOf } from "./templates.ts";

/** What became of one object of a text. */
export interface Told {
  /** `Deployment default/reviews`. */
  readonly name: string;
  readonly outcome: "injected" | "left" | "refused";
  /** Why; warnings of one that was injected. */
  readonly words: readonly string[];
}

export interface InjectedText {
  /** YAML. Objects without Pods, comments and order are as they were. */
  readonly text: string;
  readonly told: readonly Told[];
}

/** A text that is no YAML; the message says where. */
export class UnreadableText extends Error {}

/** Adds the proxy to all Pods and Pod templates of a text of YAML or JSON. The same text gives the same text. Throws UnreadableText. */
export function injectText(text: string, namespace: string, context: InjectContext): InjectedText {
  // Kubernetes reads YAML 1.1, where `no` is false.
  const documents = parseAllDocuments(text, { version: "1.1", merge: true });
  const told: Told[] = [];
  const texts = [...documents].map((parsed) => {
    const [error] = parsed.errors;
    if (error !== undefined) throw new UnreadableText(error.message);
    const object: unknown = parsed.toJS();
    const found = podsOf(object);
    if (found.length === 0) return parsed.toString(layout);
    const document = isPlain(parsed) ? parsed : new Document(object, { version: "1.1", aliasDuplicateObjects: false });
    const changes = found.map((pod) => injectOne(document, pod, namespace, context));
    told.push(...changes);
    // What nobody changed is written as its author did.
    return (changes.some(({ outcome }) => outcome === "injected") ? document : parsed).toString(layout);
  });
  return { text: texts.map((each, i) => (i === 0 || each.startsWith("---") ? each : `---\n${each}`)).join(""), told };
}

/** What comes in twice is written twice. */
function nodeOf(document: Document, value: unknown) {
  return document.createNode(value, { aliasDuplicateObjects: false });
}

const layout = { lineWidth: 0, flowCollectionPadding: false };

/** Whether its nodes can be changed one by one: no aliases, as a change of one place would be one of another; no JSON, which nobody reads so. */
function isPlain(document: Document.Parsed): boolean {
  let plain = !(document.contents !== null && "flow" in document.contents && document.contents.flow === true);
  visit(document, {
    Alias: () => {
      plain = false;
      return visit.BREAK;
    },
  });
  return plain;
}

function injectOne(document: Document, found: FoundPod, otherwise: string, context: InjectContext): Told {
  const { pod, owner, name, path } = found;
  const namespace = found.namespace ?? otherwise;
  // Who can read the Pod knows it anyway; who knows the template alone cannot reach its namespace's Pods by it more than before.
  const drainKey = createHash("sha256")
    .update(JSON.stringify([namespace, name, pod]))
    .digest("hex")
    .slice(0, 32);
  const request = { namespace, drainKey, ...(owner === undefined ? {} : { owner }) };
  const injected = injectPod(pod, request, context);
  if ("left" in injected) return { name, outcome: "left", words: [injected.left] };
  if ("refused" in injected) return { name, outcome: "refused", words: [injected.refused] };
  for (const operation of jsonPatch(pod, injected.pod)) change(document, path, operation);
  return { name, outcome: "injected", words: injected.warnings };
}

/** One operation of a JSON patch on the nodes of a text: what it does not name keeps its comments. */
function change(document: Document, base: readonly (string | number)[], operation: Operation): void {
  const keys = operation.path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const path: (string | number)[] = [...base];
  let at = document.getIn(path, true);
  for (const key of keys.slice(0, -1)) {
    path.push(isSeq(at) ? Number(key) : key);
    at = document.getIn(path, true);
  }
  const last = keys.at(-1) ?? "";
  if (operation.op === "remove") document.deleteIn([...path, isSeq(at) ? Number(last) : last]);
  else if (isSeq(at) && operation.op === "add") at.items.splice(Number(last), 0, nodeOf(document, operation.value));
  else document.setIn([...path, isSeq(at) ? Number(last) : last], nodeOf(document, operation.value));
}
