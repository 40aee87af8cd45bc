import { codes } from "../../model/codes.ts";
import type { Resource } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import { isIP } from "../../std/ip.ts";
import type { Findings } from "./finding.ts";

/** Kubernetes' own rules for the parts of its kinds that the mesh reads; fields and types are the schema's business. */
export function checkCore(resource: Resource, root: Findings): void {
  const check = checks[resource.type];
  check?.(resource, root);
}

const checks: Readonly<Record<string, (resource: Resource, root: Findings) => void>> = {
  [types.Service]: (r, root) => checkService(r.spec as ServiceSpec, root.at("spec")),
  [types.Pod]: (r, root) => checkPod(r.spec as PodSpec, root.at("spec")),
  [types.Deployment]: (r, root) => checkWorkload(r.spec as WorkloadSpec, root.at("spec")),
  "StatefulSet.apps": (r, root) => checkWorkload(r.spec as WorkloadSpec, root.at("spec")),
  "DaemonSet.apps": (r, root) => checkWorkload(r.spec as WorkloadSpec, root.at("spec")),
  "ReplicaSet.apps": (r, root) => checkWorkload(r.spec as WorkloadSpec, root.at("spec")),
  [types.EndpointSlice]: (r, root) => checkSlice((r.data ?? {}) as SliceData, root),
  [types.Secret]: (r, root) => checkSecret(r.data?.["data"] as Labels | undefined, root.at("data")),
};

type Labels = Readonly<Record<string, string>>;

interface ServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly externalName?: string;
  readonly ports?: readonly {
    readonly name?: string;
    readonly port?: number;
    readonly protocol?: string;
    readonly targetPort?: number | string;
  }[];
}

function checkService(spec: ServiceSpec, found: Findings): void {
  oneOf(spec.type, ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"], found.at("type"));
  const ip = spec.clusterIP ?? "";
  if (ip !== "" && ip !== "None" && isIP(ip) === 0)
    found.at("clusterIP").error(`"${ip}" is not an IP address`, 'write an IP address, "None", or leave it out');
  if (spec.type === "ExternalName") {
    if (!spec.externalName)
      found.at("externalName").error("Required value", "write the external name", codes.missingField);
    return;
  }
  const ports = spec.ports ?? [];
  if (ports.length === 0 && ip !== "None")
    found.at("ports").error("Required value", "write a port", codes.missingField);
  const names = new Set<string>();
  const numbers = new Set<string>();
  ports.forEach((port, i) => {
    const at = found.at("ports", i);
    checkNumber(port.port, at.at("port"), true);
    oneOf(port.protocol, ["TCP", "UDP", "SCTP"], at.at("protocol"));
    const name = port.name ?? "";
    if (name === "" && ports.length > 1)
      at.at("name").error("Required value", "with several ports each needs a name", codes.missingField);
    else if (name !== "" && !isPortName(name, 63))
      at.at("name").error(`"${name}" is not a valid port name`, "write lower-case letters, digits and -");
    if (names.has(name)) at.at("name").error(`Duplicate value: "${name}"`, "give each port a name of its own");
    names.add(name);
    const key = `${port.protocol ?? "TCP"}/${port.port}`;
    // Ports without a number are told already.
    if (port.port != null && numbers.has(key)) at.error(`Duplicate value: port ${key}`, "write each port once");
    numbers.add(key);
    checkTarget(port.targetPort, at.at("targetPort"));
  });
}

function checkTarget(target: number | string | undefined, found: Findings): void {
  if (typeof target === "number") checkNumber(target, found, false);
  else if (target !== undefined && !(isPortName(target, 15) && /[a-z]/.test(target))) {
    found.error(
      `"${target}" is neither a port nor the name of one`,
      "write a number without quotes, or a container port's name",
    );
  }
}

interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}

interface Container {
  readonly name?: string;
  readonly ports?: readonly { readonly containerPort?: number; readonly name?: string; readonly protocol?: string }[];
}

function checkPod(spec: PodSpec, found: Findings): void {
  if ((spec.containers ?? []).length === 0)
    found.at("containers").error("Required value", "write a container", codes.missingField);
  const names = new Set<string>();
  for (const field of ["initContainers", "containers"] as const) {
    spec[field]?.forEach((container, i) => {
      const at = found.at(field, i);
      if (!container.name) at.at("name").error("Required value", "write the container's name", codes.missingField);
      else if (!isPortName(container.name, 63))
        at.at("name").error(
          `"${container.name}" is not a valid container name`,
          "write lower-case letters, digits and -",
        );
      else if (names.has(container.name))
        at.at("name").error(`Duplicate value: "${container.name}"`, "give each container a name of its own");
      names.add(container.name ?? "");
      container.ports?.forEach((port, j) => {
        const here = at.at("ports", j);
        checkNumber(port.containerPort, here.at("containerPort"), true);
        oneOf(port.protocol, ["TCP", "UDP", "SCTP"], here.at("protocol"));
        if (port.name !== undefined && !(isPortName(port.name, 15) && /[a-z]/.test(port.name))) {
          here
            .at("name")
            .error(`"${port.name}" is not a valid port name`, "write at most 15 lower-case letters, digits and -");
        }
      });
    });
  }
}

interface WorkloadSpec {
  readonly replicas?: number;
  readonly selector?: { readonly matchLabels?: Labels; readonly matchExpressions?: readonly unknown[] };
  readonly template?: { readonly metadata?: { readonly labels?: Labels }; readonly spec?: PodSpec };
}

function checkWorkload({ replicas, selector, template }: WorkloadSpec, found: Findings): void {
  if (replicas !== undefined && (replicas < 0 || !Number.isInteger(replicas))) {
    found.at("replicas").error(`${replicas} is not a number of Pods`, "write 0 or more", codes.notAllowed);
  }
  if (selector === undefined)
    found.at("selector").error("Required value", "write selector.matchLabels", codes.missingField);
  if (template === undefined) {
    found.at("template").error("Required value", "write the Pods' template", codes.missingField);
    return;
  }
  const labels = template.metadata?.labels ?? {};
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) {
    if (labels[key] === value) continue;
    const message = `selector ${key}=${value} does not match the template's labels`;
    found
      .at("template", "metadata", "labels")
      .error(message, `write "${key}: ${value}" under template.metadata.labels`);
  }
  if (template.spec === undefined)
    found.at("template", "spec").error("Required value", "write the Pods' spec", codes.missingField);
  else checkPod(template.spec, found.at("template", "spec"));
}

interface SliceData {
  readonly addressType?: string;
  readonly endpoints?: readonly { readonly addresses?: readonly string[] }[];
  readonly ports?: readonly { readonly port?: number; readonly protocol?: string }[];
}

function checkSlice({ addressType, endpoints, ports }: SliceData, found: Findings): void {
  if (addressType === undefined)
    found.at("addressType").error("Required value", "write addressType: IPv4", codes.missingField);
  oneOf(addressType, ["IPv4", "IPv6", "FQDN"], found.at("addressType"));
  endpoints?.forEach(({ addresses }, i) => {
    const at = found.at("endpoints", i, "addresses");
    if ((addresses ?? []).length === 0) at.error("Required value", "write an address", codes.missingField);
    addresses?.forEach((address, j) => {
      const wanted = addressType === "IPv6" ? 6 : addressType === "IPv4" ? 4 : undefined;
      if (wanted !== undefined && isIP(address) !== wanted)
        at.at(j).error(`"${address}" is not an IPv${wanted} address`, "write an IP address");
    });
  });
  ports?.forEach(({ port, protocol }, i) => {
    checkNumber(port, found.at("ports", i, "port"), false);
    oneOf(protocol, ["TCP", "UDP", "SCTP"], found.at("ports", i, "protocol"));
  });
}

function checkSecret(data: Labels | undefined, found: Findings): void {
  for (const [key, value] of Object.entries(data ?? {})) {
    // The value itself is never shown.
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value))
      found.at(key).error("the value is not base64", "encode it, or write it under stringData", codes.notAllowed);
  }
}

function checkNumber(port: number | undefined, found: Findings, isRequired: boolean): void {
  if (port === undefined) {
    if (isRequired) found.error("Required value", "write a port from 1 to 65535", codes.missingField);
  } else if (!Number.isInteger(port) || port < 1 || port > 65535)
    found.error(`${port} is not a port`, "write a port from 1 to 65535", codes.notAllowed);
}

function oneOf(value: string | undefined, choices: readonly string[], found: Findings): void {
  if (value === undefined || choices.includes(value)) return;
  found.error(
    `Unsupported value: "${value}": supported values: ${choices.map((c) => `"${c}"`).join(", ")}`,
    "write one of them",
    codes.notAllowed,
  );
}

function isPortName(name: string, max: number): boolean {
  return name.length <= max && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name);
}
