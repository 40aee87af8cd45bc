import type { TrafficExtensionSpec } from "../../../gen/istio/traffic-extension.ts";
import type { WasmPluginSpec } from "../../../gen/istio/wasm-plugin.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkTarget, type Target } from "./selector.ts";

/** Istio's rules for a WasmPlugin. Source: istio pkg/config/validation. */
export function checkWasmPlugin(resource: Resource, root: Findings): void {
  const spec = resource.spec as WasmPluginSpec;
  const found = root.at("spec");
  checkTarget(spec as Target, found);
  checkWasm(spec, found);
  checkTrafficMatch(spec.match, found.at("match"));
}

/** Istio's rules for a TrafficExtension: a Wasm module or a Lua script. */
export function checkTrafficExtension(resource: Resource, root: Findings): void {
  const spec = resource.spec as TrafficExtensionSpec;
  const found = root.at("spec");
  checkTarget(spec as Target, found);
  const { wasm, lua } = spec;
  if ((wasm === undefined) === (lua === undefined))
    found.error("exactly one of wasm or lua must be set", "write one of the two");
  if (wasm) checkWasm(wasm as Wasm, found.at("wasm"));
  if (lua) {
    const size = Buffer.byteLength(lua.inlineCode ?? "");
    const at = found.at("lua", "inlineCode");
    if (size === 0) at.error("lua.inlineCode cannot be empty", "write the script");
    if (size > 65536) at.error("lua.inlineCode exceeds maximum size of 64KB", "write a shorter script");
  }
  checkTrafficMatch(spec.match, found.at("match"));
}

type Wasm = Pick<WasmPluginSpec, "url" | "sha256" | "imagePullSecret" | "pluginName" | "vmConfig">;

function checkWasm(wasm: Wasm, found: Findings): void {
  checkUrl(wasm.url ?? "", found.at("url"));
  const sha = wasm.sha256 ?? "";
  if (sha !== "" && sha.length !== 64)
    found.at("sha256").error("sha256 field must be 64 characters long", "write the whole checksum");
  else if (sha !== "" && !/^[a-f0-9]{64}$/.test(sha))
    found.at("sha256").error("sha256 field must match [a-f0-9]{64} pattern", "write it in lower-case hexadecimal");
  if ((wasm.imagePullSecret ?? "").length > 253)
    found.at("imagePullSecret").error("imagePullSecret field must be less than 253 characters long");
  if ((wasm.pluginName ?? "").length > 256)
    found.at("pluginName").error("pluginName field must be less than 255 characters long");
  checkEnvironment(wasm, found.at("vmConfig", "env"));
}

const schemes = new Set(["", "file", "http", "https", "oci"]);

function checkUrl(url: string, found: Findings): void {
  if (url === "") {
    found.error("url field needs to be set", "write for example oci://registry/image:tag");
    return;
  }
  // Without a scheme it is the name of an image, perhaps with a port.
  const scheme = /^([a-zA-Z][-+.a-zA-Z0-9]*):\/\//.exec(url)?.[1]?.toLowerCase() ?? "";
  if (!schemes.has(scheme))
    found.error(`url contains unsupported scheme: ${scheme}`, "write oci://, https://, http:// or file://");
  else if (/[\s]|%(?![0-9a-fA-F]{2})/.test(url))
    found.error(`failed to parse url: ${url}`, "write a URL without spaces");
}

function checkEnvironment({ vmConfig }: Wasm, found: Findings): void {
  const seen = new Set<string>();
  vmConfig?.env?.forEach(({ name = "", value, valueFrom }, i) => {
    const at = found.at(i);
    if (name === "") at.error("spec.vmConfig.env invalid", "write name");
    if (name.length > 256) at.error("env.name field must be less than 255 characters long");
    if (seen.has(name)) at.error("duplicate env", "remove one of the two");
    if (valueFrom === "HOST" && value) at.error("value may only be set when valueFrom is INLINE", "remove value");
    seen.add(name);
  });
}

interface TrafficSelector {
  readonly ports?: readonly { readonly number?: number }[];
}

function checkTrafficMatch(match: readonly TrafficSelector[] | undefined, found: Findings): void {
  match?.forEach(({ ports }, i) => {
    ports?.forEach(({ number }, j) => {
      if (number === undefined || number < 1 || number > 65535) {
        found
          .at(i, "ports", j, "number")
          .error(`spec.Match[${i}].Ports[${j}] is out of range: ${number ?? 0}`, "write a port from 1 to 65535");
      }
    });
  });
}
