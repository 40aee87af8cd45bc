import { codes } from "../../model/codes.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { FieldPath } from "../../model/origin.ts";
import { kindOf, type Ref } from "../../model/resource.ts";
import { closest } from "../../std/closest.ts";
import { inQuotes } from "../../std/plain.ts";

const fields = new Set(
  "annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation labels managedFields name namespace ownerReferences resourceVersion selfLink uid clusterName".split(
    " ",
  ),
);
/** Kinds whose names are a DNS label, and may not begin with a digit where `letter` says so. */
const labelNamed: Readonly<Record<string, "label" | "letter">> = { Service: "letter", Namespace: "label" };
/** Kinds whose names are paths: anything but `/` and `%`. */
const pathNamed = new Set(
  ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map((k) => `${k}.rbac.authorization.k8s.io`),
);

/** What the API server would refuse of an object's metadata. Source: k8s.io/apimachinery validation of ObjectMeta. */
export function metadataFaults(ref: Ref, metadata: Readonly<Record<string, unknown>>): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const add = (path: FieldPath, message: string, fix: string, code: string = codes.badMetadata): void => {
    faults.push({ code, level: "Error", about: ref, path: ["metadata", ...path], message, fix });
  };
  for (const field of Object.keys(metadata)) {
    if (fields.has(field)) continue;
    const meant = closest(field, fields);
    add(
      [field],
      `unknown field "${field}" in ${kindOf(ref.type)}.metadata`,
      meant ? `did you mean "${meant}"?` : "remove it",
      codes.unknownField,
    );
  }
  const name = nameFault(ref);
  if (name) add(["name"], `"${ref.name}" is not a valid name`, name);
  if (ref.namespace !== "" && !isLabel(ref.namespace))
    add(["namespace"], `"${ref.namespace}" is not a valid namespace`, dnsLabel);
  faults.push(
    ...mapFaults(ref, "labels", metadata["labels"]),
    ...mapFaults(ref, "annotations", metadata["annotations"]),
  );
  const created = metadata["creationTimestamp"];
  if (created !== undefined && created !== null && (typeof created !== "string" || Number.isNaN(Date.parse(created)))) {
    add(
      ["creationTimestamp"],
      `${JSON.stringify(created)} is not a time`,
      'write "2026-01-31T12:00:00Z", or leave it out',
    );
  }
  return faults;
}

const dnsLabel = "write at most 63 lower-case letters, digits and -, with a letter or digit first and last";

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text);
}

function nameFault({ type, name }: Ref): string | undefined {
  if (pathNamed.has(type)) return name === "." || name === ".." || /[/%]/.test(name) ? "leave out / and %" : undefined;
  const form = labelNamed[type];
  if (form === "letter" && /^[0-9]/.test(name)) return "begin with a letter";
  if (form !== undefined) return isLabel(name) ? undefined : dnsLabel;
  const valid = name.length <= 253 && name.split(".").every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part));
  return valid
    ? undefined
    : "write at most 253 lower-case letters, digits, - and ., with a letter or digit first and last";
}

function mapFaults(ref: Ref, field: "labels" | "annotations", value: unknown): Diagnostic[] {
  const at = (path: FieldPath, message: string, fix: string): Diagnostic => ({
    code: codes.badMetadata,
    level: "Error",
    about: ref,
    path: ["metadata", field, ...path],
    message,
    fix,
  });
  if (value === undefined || value === null) return [];
  if (typeof value !== "object" || Array.isArray(value))
    return [at([], `${field} is not a map`, `write "key: value" lines under ${field}`)];
  return Object.entries(value).flatMap(([key, text]) => {
    const faults: Diagnostic[] = [];
    if (!isQualifiedName(key))
      faults.push(
        at(
          [key],
          `"${key}" is not a valid key`,
          "write at most 63 letters, digits, -, _ and ., if need be after a domain and /",
        ),
      );
    if (text === null && field === "annotations") return faults;
    if (typeof text !== "string") faults.push(at([key], `${JSON.stringify(text)} is not text`, inQuotes(text)));
    else if (field === "labels" && !isLabelValue(text))
      faults.push(
        at(
          [key],
          `"${text}" is not a valid label value`,
          "write at most 63 letters, digits, -, _ and ., with a letter or digit first and last",
        ),
      );
    return faults;
  });
}

function isQualifiedName(key: string): boolean {
  const slash = key.indexOf("/");
  const prefix = slash < 0 ? undefined : key.slice(0, slash).toLowerCase();
  const name = key.slice(slash + 1);
  if (
    prefix !== undefined &&
    !(prefix.length <= 253 && prefix.split(".").every((p) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(p)))
  )
    return false;
  return name.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name);
}

function isLabelValue(text: string): boolean {
  return text === "" || (text.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(text));
}
