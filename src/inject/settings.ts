import { loadAll } from "js-yaml";
import { defaultComponentLogLevel } from "../agent/log-level.ts";
import { closest } from "../std/closest.ts";
import type { Resources } from "./pod.ts";
import { type LabelSelector, selectorFault } from "./selector.ts";

/** What injection needs beside MeshConfig: the key `injection` of the ConfigMap `istio[-REV]`. */
export interface InjectionSettings {
  /** Stock Envoy and nft. */
  readonly proxyImage: string;
  /** Of `istio-init`; the proxy's image where absent. */
  readonly initImage?: string;
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  /** Names of Secrets that Pods pull these images with. */
  readonly imagePullSecrets: readonly string[];
  /** Of the proxy; annotations of a Pod count instead. */
  readonly resources: Resources;
  readonly initResources: Resources;
  /** Who redirects a Pod's traffic: an init container with NET_ADMIN, or the CNI plugin of the node. */
  readonly capture: "init" | "cni";
  readonly clusterDomain: string;
  readonly clusterName: string;
  readonly network?: string;
  /** Envoy's. */
  readonly logLevel: string;
  readonly componentLogLevel?: string;
  /** Whether a Pod that the webhook is asked about and that says nothing itself gets a proxy. */
  readonly policy: "enabled" | "disabled";
  readonly neverInjectSelector: readonly LabelSelector[];
  readonly alwaysInjectSelector: readonly LabelSelector[];
  readonly injectedAnnotations: Readonly<Record<string, string>>;
  readonly rewriteAppHTTPProbe: boolean;
  readonly readinessInitialDelaySeconds: number;
  readonly readinessPeriodSeconds: number;
  readonly readinessFailureThreshold: number;
  /** Tries of one second each, until an Envoy that got no configuration is started again. */
  readonly startupFailureThreshold: number;
  /** What counts where a Pod has no annotation `traffic.sidecar.istio.io/NAME`: by NAME. */
  readonly traffic: Readonly<Record<string, string>>;
}

export const defaultSettings: InjectionSettings = {
  proxyImage: "weft-proxy",
  imagePullSecrets: [],
  resources: { requests: { cpu: "10m", memory: "40Mi" }, limits: { cpu: "2000m", memory: "1024Mi" } },
  initResources: { requests: { cpu: "10m", memory: "10Mi" }, limits: { cpu: "2000m", memory: "1024Mi" } },
  capture: "init",
  clusterDomain: "cluster.local",
  clusterName: "Kubernetes",
  logLevel: "warning",
  componentLogLevel: defaultComponentLogLevel,
  policy: "enabled",
  neverInjectSelector: [],
  alwaysInjectSelector: [],
  injectedAnnotations: {},
  rewriteAppHTTPProbe: true,
  readinessInitialDelaySeconds: 0,
  readinessPeriodSeconds: 15,
  readinessFailureThreshold: 4,
  startupFailureThreshold: 600,
  traffic: {},
};

/** Why a value is not taken: a phrase that follows the key, or undefined. */
type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === "string" && value !== "" ? undefined : "is a text");
const flag: Check = (value) => (typeof value === "boolean" ? undefined : "is true or false");
const count: Check = (value) => (Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : "is a number");
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string) ? undefined : `is one of ${words.join(", ")}`;
const texts: Check = (value) =>
  Array.isArray(value) && value.every((each) => text(each) === undefined) ? undefined : "is a list of texts";
const map: Check = (value) =>
  isMap(value) && Object.values(value).every((each) => typeof each === "string") ? undefined : "is a map of texts";
const selectors: Check = (value) =>
  Array.isArray(value) ? value.map(selectorFault).find((fault) => fault !== undefined) : "is a list of label selectors";
const quantities: Check = (value) =>
  isMap(value) && Object.entries(value).every(([key, each]) => /^(requests|limits)$/.test(key) && isMap(each))
    ? undefined
    : "has requests and limits: maps of quantities";

const checks: { readonly [K in keyof InjectionSettings]-?: Check } = {
  proxyImage: text,
  initImage: text,
  imagePullPolicy: oneOf("Always", "IfNotPresent", "Never"),
  imagePullSecrets: texts,
  resources: quantities,
  initResources: quantities,
  capture: oneOf("init", "cni"),
  clusterDomain: text,
  clusterName: text,
  network: text,
  logLevel: oneOf("trace", "debug", "info", "warning", "warn", "error", "critical", "off"),
  componentLogLevel: text,
  policy: oneOf("enabled", "disabled"),
  neverInjectSelector: selectors,
  alwaysInjectSelector: selectors,
  injectedAnnotations: map,
  rewriteAppHTTPProbe: flag,
  readinessInitialDelaySeconds: count,
  readinessPeriodSeconds: count,
  readinessFailureThreshold: count,
  startupFailureThreshold: count,
  traffic: map,
};

/** Settings from YAML. What cannot be used counts as not said, and a fault says so: `injection: capture: is one of init, cni`. */
export function parseInjectionSettings(yaml: string): {
  readonly settings: InjectionSettings;
  readonly faults: readonly string[];
} {
  let said: unknown;
  try {
    // An empty text is no document, and says nothing.
    said = loadAll(yaml)[0] ?? {};
  } catch (error) {
    return { settings: defaultSettings, faults: [`injection: ${(error as Error).message.split("\n")[0]}`] };
  }
  if (!isMap(said)) return { settings: defaultSettings, faults: ["injection: is a map of settings"] };
  const faults: string[] = [];
  const taken = Object.entries(said).filter(([key, value]) => {
    if (value === null) return false;
    const check = Object.hasOwn(checks, key) ? checks[key as keyof InjectionSettings] : undefined;
    const fault = check === undefined ? `is not a setting${hint(key)}` : check(value);
    if (fault !== undefined) faults.push(`injection: ${key}: ${fault}`);
    return fault === undefined;
  });
  return { settings: { ...defaultSettings, ...Object.fromEntries(taken) }, faults };
}

function hint(key: string): string {
  const near = closest(key, Object.keys(checks));
  return near === undefined ? "" : `; did you mean ${near}?`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
