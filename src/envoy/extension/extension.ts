import { create } from "@bufbuild/protobuf";
import { type Any, anyPack, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { type TypedExtensionConfig, TypedExtensionConfigSchema } from "../../gen/envoy/config/core/v3/extension_pb.js";
import { LuaSchema } from "../../gen/envoy/extensions/filters/http/lua/v3/lua_pb.js";
import { WasmSchema as HttpWasmSchema } from "../../gen/envoy/extensions/filters/http/wasm/v3/wasm_pb.js";
import { WasmSchema as TcpWasmSchema } from "../../gen/envoy/extensions/filters/network/wasm/v3/wasm_pb.js";
import { FailurePolicy, type PluginConfig, PluginConfigSchema } from "../../gen/envoy/extensions/wasm/v3/wasm_pb.js";
import type { ExtensionPlan, ExtensionSlot, WasmPlan } from "../../plan/extension/extension.ts";
import { packed } from "../any.ts";
import { withoutExtension } from "./slot.ts";

/** The settings of an extension, for its place. */
export function extensionConfig(
  { name, protocol, failOpen }: ExtensionSlot,
  plan: ExtensionPlan,
): TypedExtensionConfig {
  return create(TypedExtensionConfigSchema, {
    name,
    typedConfig: typedConfig(name, plan) ?? withoutExtension(protocol, failOpen),
  });
}

/** Undefined while its module is not there. */
function typedConfig(name: string, plan: ExtensionPlan): Any | undefined {
  if (plan.kind === "lua")
    return packed(LuaSchema, { defaultSourceCode: { specifier: { case: "inlineString", value: plan.code } } });
  if (plan.file === undefined) return undefined;
  const config = pluginConfig(name, plan, plan.file);
  return plan.protocol === "http" ? packed(HttpWasmSchema, { config }) : packed(TcpWasmSchema, { config });
}

const policies = {
  close: FailurePolicy.FAIL_CLOSED,
  open: FailurePolicy.FAIL_OPEN,
  reload: FailurePolicy.FAIL_RELOAD,
} as const;

function pluginConfig(name: string, plan: WasmPlan, file: string): PluginConfig {
  const { rootId, configuration, failure, environment, inherited } = plan;
  const json = create(StringValueSchema, { value: configuration });
  const variables = { hostEnvKeys: [...inherited], keyValues: { ...environment } };
  const none = inherited.length === 0 && Object.keys(environment).length === 0;
  return create(PluginConfigSchema, {
    name,
    rootId,
    failurePolicy: policies[failure],
    ...(configuration === "" ? {} : { configuration: anyPack(StringValueSchema, json) }),
    vm: {
      case: "vmConfig",
      value: {
        runtime: "envoy.wasm.runtime.v8",
        code: { specifier: { case: "local", value: { specifier: { case: "filename", value: file } } } },
        ...(none ? {} : { environmentVariables: variables }),
      },
    },
  });
}
