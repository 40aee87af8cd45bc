import { codes } from "../model/codes.ts";
import { toldCodes } from "./analyzers/list.ts";
import { codePage } from "./code-page.ts";
import { type KialiCode, kialiFindings } from "./kiali.ts";
import { type IstioCode, istioMessages } from "./messages.ts";
import { notTold } from "./not-told.ts";
import { ownFindings } from "./own-findings.ts";

/** What a code means. */
export interface Explanation {
  readonly code: string;
  readonly level: "Error" | "Warning" | "Info";
  readonly title: string;
  readonly text: string;
  /** The form of its message. */
  readonly message?: string;
  readonly fix?: string;
  /** Where the project that it is of says more. */
  readonly doc?: string;
}

type Words = readonly [level: Explanation["level"], title: string, text: string, fix: string];

/** Weft's own codes. */
const own: Readonly<Record<Exclude<keyof typeof codes, "invalid" | "warning">, Words>> = {
  syntax: [
    "Error",
    "The text is not YAML or JSON",
    "A document could not be read. What it said before stays in force; the other documents of the file are read.",
    "Mend the place that the message names; what stands just before it is often the cause.",
  ],
  tab: [
    "Error",
    "A tab is used for indentation",
    "YAML forbids tabs there, and editors show them like spaces.",
    "Replace the tab by spaces; most editors can do it for a whole file.",
  ],
  unreadable: ["Error", "A file cannot be read", "The system refused to open it.", "Check its permissions and owner."],
  limit: [
    "Error",
    "A text goes beyond a limit",
    "It is too long, too deeply nested, or its aliases unfold to too much. Such files are mostly a mistake, and would hold up the mesh.",
    "Split the file, or list it in .weftignore.",
  ],
  notAnObject: [
    "Error",
    "Something else stands where an object should",
    "A document of a Kubernetes file is a map with apiVersion, kind and metadata.",
    "Write an object, or list the file in .weftignore if it is none of the mesh's.",
  ],
  noIdentity: [
    "Error",
    "An object has no identity",
    "apiVersion, kind and metadata.name say which object it is.",
    "Add what the message says is missing.",
  ],
  unknownKind: [
    "Error",
    "The kind is not known",
    "No API group that Weft knows has a kind of this name.",
    "Check the spelling of kind and apiVersion.",
  ],
  unknownVersion: [
    "Error",
    "The API version is not known",
    "The kind is there, but not in this version.",
    "Write a version that the message names.",
  ],
  badMetadata: [
    "Error",
    "Metadata is not well formed",
    "Names and labels have the form that Kubernetes asks for.",
    "Write it as the message says.",
  ],
  writtenTwice: [
    "Error",
    "An object is written twice",
    "Two documents have the same kind, namespace and name. The first that was read counts, in the order of the folders and files.",
    "Delete one, or give it another name.",
  ],
  wrongType: [
    "Error",
    "A value has the wrong type",
    "The kind's schema asks for another type, for example a number.",
    "Write a value of that type.",
  ],
  unknownField: [
    "Error",
    "A field is not known",
    "The kind's schema has no field of this name there; it would be ignored.",
    "Check the spelling and the indentation.",
  ],
  missingField: ["Error", "A field is missing", "The kind's schema requires it.", "Add it."],
  notAllowed: [
    "Error",
    "A value is not allowed",
    "It is not one of the schema's values, or breaks its bounds.",
    "Write one that the message names.",
  ],
  rule: [
    "Error",
    "A rule of the schema is broken",
    "The kind's schema has rules between fields (CEL); this one does not hold.",
    "Change one of the fields that the rule is about.",
  ],
  badRegex: [
    "Error",
    "A regular expression is refused",
    "Envoy uses RE2, which has no look-ahead, look-behind and back-references, so that no expression can take long.",
    "Write it without those; the message has RE2's own words.",
  ],
  badDuration: [
    "Error",
    "A duration is not well formed",
    "Durations have a unit.",
    'Write for example "5s", "250ms" or "1h30m".',
  ],
  forbidden: [
    "Error",
    "Who asks may not change the object",
    "Rights are given by namespace, by Kubernetes or by the control plane's access file (docs/console-access.md). Nothing of it was written.",
    "Ask whoever runs this mesh for the right.",
  ],
  folderGone: [
    "Error",
    "A folder is not there",
    "What it said before stays in force.",
    "Make the folder again, or start with another.",
  ],
  noEffect: [
    "Warning",
    "Something has no effect yet",
    "The kind or field is Istio's and well written, but this version of Weft does not act on it. docs/compatibility.md lists what it acts on.",
    "Do without it, or write what the message proposes.",
  ],
  refused: [
    "Error",
    "Something cannot be done here",
    "The kind, field or value is Istio's and well written, but the mesh cannot do what it says, and half of it would be worse: the object is not taken. What it said before stays in force.",
    "Do without it, or write what the message proposes; docs/compatibility.md lists what is refused, and why.",
  ],
  patchNowhere: [
    "Error",
    "A patch changes nothing",
    "The EnvoyFilter chooses proxies of this mesh, but none of them has what the patch's match names. Nothing is changed by it.",
    "See what there is with weft proxy-config listener POD (route, cluster), and write the match so. docs/envoyfilter.md says what has which name.",
  ],
  patchApplied: [
    "Info",
    "Where a patch changes something",
    "The EnvoyFilter's patch is in force in the resources and proxies that the message names.",
    "Nothing is wrong.",
  ],
  choosesNone: [
    "Warning",
    "An EnvoyFilter is for no workload",
    "It is in force for workloads of its own namespace (in the root namespace: of all) that have all labels of its workloadSelector. There are none.",
    "Compare its labels and namespace with those of Pods.",
  ],
  noModule: [
    "Error",
    "The module of a plugin cannot be used",
    "It could not be fetched, is no WebAssembly module, or has another checksum than the object says. It is tried again. Until then the plugin is off: its traffic is refused, or passes with failStrategy FAIL_OPEN.",
    "Check url and sha256.",
  ],
  cannotJoin: [
    "Error",
    "A proxy cannot join a WorkloadGroup",
    "Its node metadata names a WorkloadGroup (AUTO_REGISTER_GROUP) that is not there in its namespace, or that is for another ServiceAccount than the one that was verified. It is served, but no WorkloadEntry is made of it.",
    "Compare the group's name, namespace and template.serviceAccount with the proxy's. On a plaintext port no proxy can join.",
  ],
  notServed: [
    "Info",
    "A kind is not served",
    "The API server has no definition (CRD) of a kind that the mesh reads, or serves it in versions that are not read. Objects of other kinds are read; it is picked up when its definition is installed.",
    "Install the definitions: Weft's chart brings Istio's and its own; Gateway API's come from its project.",
  ],
  mayNotRead: [
    "Error",
    "The control plane may not read something",
    "Its ServiceAccount lacks a permission (RBAC). What it had read before stays in force; what it never read is as if it were not there.",
    "Add the rule that the message names to the control plane's ClusterRole; for Secrets, bind ClusterRole weft-secret-reader in that namespace.",
  ],
  stale: [
    "Warning",
    "The API server is away",
    "Since the time that the message names nothing has been heard from it. Proxies keep what they have; nothing is withdrawn, and changes are taken up when it is back.",
    "See why the API server does not answer.",
  ],
  noKeys: [
    "Error",
    "Keys of tokens cannot be fetched",
    "A RequestAuthentication names keys by jwksUri, or by an issuer that shall say itself where they are, and the control plane cannot fetch them. Keys that it fetched before serve until they are a day old (then this is a warning); without any, each token of that issuer is refused with 401. Other issuers and requests without a token are as before.",
    "Mend what the message says. Keys at a private address need --fetch-from; those of a service of the mesh do not.",
  ],
};

/** Codes of workloads of this machine. */
const ofWorkloads: Readonly<Record<string, Words>> = {
  WEFT0701: [
    "Info",
    "A Deployment is not run on this machine",
    "Its Pod template does not say how its container runs as a process here. The rest of the mesh knows it, without endpoints.",
    'Add the annotation weft.dev/run: "COMMAND" to the Pod template.',
  ],
  WEFT0702: [
    "Error",
    "weft.dev/run is not a command",
    "It is split into words as a shell does it, but no shell runs it.",
    "Write a program and its arguments, and close every quote.",
  ],
  WEFT0703: [
    "Error",
    "An environment is not complete",
    "The container refers to a ConfigMap, a Secret or one of their keys that is not there.",
    "Add what is missing, or mark the reference as optional.",
  ],
  WEFT0704: [
    "Error",
    "An application has ended",
    "Its process ended by itself, or its startup or liveness probe failed. It is started again, after a growing pause.",
    "Read its log with weft logs, and check the program in weft.dev/run.",
  ],
  WEFT0705: [
    "Error",
    "A Pod could not be made",
    "Its place on this machine (network, files, processes) was refused by the system. It is tried again.",
    "Mend what the message names.",
  ],
  WEFT0706: [
    "Error",
    "A door is not open",
    "A port of this machine through which the gateway is reached could not be opened.",
    "End what listens there, or choose another port with --http-port or --https-port.",
  ],
  WEFT0707: [
    "Error",
    "A Gateway's router cannot be made as it wishes",
    "The ConfigMap that a Gateway's spec.infrastructure.parametersRef names, or the one of its class, is not there or does not hold YAML.",
    "Each of its keys (deployment, service, serviceAccount) holds a map that is laid over the object.",
  ],
};

function docOf(code: string): Pick<Explanation, "doc"> {
  const doc = codePage(code);
  return doc === undefined ? {} : { doc };
}

/** All codes that a finding may have, in order. */
export function explainedCodes(): Explanation[] {
  const weft = Object.entries(own).map(([key, [level, title, text, fix]]) => ({
    code: codes[key as keyof typeof codes],
    level,
    title,
    text,
    fix,
  }));
  const workloads = Object.entries(ofWorkloads).map(([code, [level, title, text, fix]]) => ({
    code,
    level,
    title,
    text,
    fix,
  }));
  const mesh = Object.entries(ownFindings).map(([code, words]) => ({ code, ...words }));
  const kiali = (Object.keys(kialiFindings) as KialiCode[]).map((code) => {
    const { level, title, text, fix, unsupported } = kialiFindings[code];
    const why = unsupported === undefined ? "" : `: ${unsupported}`;
    const words = toldCodes.has(code) ? text : `${text}\nThis version of Weft does not look for it${why}.`;
    return { code, level, title, text: words, fix, ...docOf(code) };
  });
  const istio = (Object.keys(istioMessages) as IstioCode[]).map((code) => {
    const { name, level, template, description } = istioMessages[code];
    const why = notTold[code];
    const text = why === undefined ? description : `${description}\nWeft does not look for it: ${why}.`;
    return { code, level, title: name, text, message: template, ...docOf(code) };
  });
  return [...istio, ...kiali, ...weft, ...mesh, ...workloads].sort((a, b) => (a.code < b.code ? -1 : 1));
}
