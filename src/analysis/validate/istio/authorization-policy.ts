import type {
  AuthorizationOperation,
  AuthorizationPolicySpec,
  AuthorizationRule,
  AuthorizationSource,
} from "../../../gen/istio/authorization-policy.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkAttribute, checkBlock, checkPorts } from "./attribute.ts";
import { checkTarget, type Target } from "./selector.ts";

/** Istio's rules for an AuthorizationPolicy. Source: istio pkg/config/validation, pkg/config/security. */
export function checkAuthorizationPolicy(resource: Resource, root: Findings): void {
  const spec = resource.spec as AuthorizationPolicySpec;
  const action = spec.action ?? "ALLOW";
  checkDryRun(resource, action, root);
  const found = root.at("spec");
  checkTarget(spec as Target, found);
  if (action === "CUSTOM") checkCustom(spec, found);
  else if (spec.provider !== undefined)
    found
      .at("provider")
      .error(`\`provider\` must not be with non CUSTOM action, found ${action}`, "write action: CUSTOM");
  if (action === "DENY" && spec.rules === undefined) found.error(needsRules("DENY"), "write rules: [{}] to deny all");
  spec.rules?.forEach((rule, i) => void checkRule(rule, action, i, found.at("rules", i)));
}

function needsRules(action: string): string {
  return `${action} action without \`rules\` is meaningless as it will never be triggered, add an empty rule \`{}\` if you want it be triggered for every request`;
}

function checkDryRun(resource: Resource, action: string, root: Findings): void {
  const name = "istio.io/dry-run";
  const value = resource.annotations[name];
  if (value === undefined) return;
  const found = root.at("metadata", "annotations", name);
  if (action !== "ALLOW" && action !== "DENY") {
    found.error(
      `the annotation ${name} currently only supports action ALLOW/DENY, found action ${action} in ${resource.namespace}/${resource.name}`,
      "remove it",
    );
  } else if (!["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"].includes(value)) {
    found.error(`annotation ${name} with invalid value (${value})`, 'write "true" or "false"');
  }
}

const notWithCustom = [
  "namespaces",
  "notNamespaces",
  "principals",
  "notPrincipals",
  "requestPrincipals",
  "notRequestPrincipals",
  "serviceAccounts",
  "notServiceAccounts",
  "trustDomains",
  "notTrustDomains",
] as const;

function checkCustom(spec: AuthorizationPolicySpec, found: Findings): void {
  if (spec.rules === undefined) found.error(needsRules("CUSTOM"), "write rules: [{}]");
  else if (!spec.provider?.name)
    found.at("provider").error("`provider.name` must not be empty", "name a provider of the mesh configuration");
  const refuse = (name: string, at: Findings): void =>
    at.error(`${name} is currently not supported with CUSTOM action`, "remove it");
  spec.rules?.forEach((rule, i) => {
    rule.from?.forEach(({ source }, j) => {
      for (const field of notWithCustom) {
        if ((source?.[field]?.length ?? 0) > 0)
          refuse(`From.${field[0]?.toUpperCase()}${field.slice(1)}`, found.at("rules", i, "from", j, "source", field));
      }
    });
    rule.when?.forEach(({ key }, j) => {
      if (
        ["source.namespace", "source.principal", "source.trustDomain"].includes(key) ||
        key.startsWith("request.auth.")
      )
        refuse(key, found.at("rules", i, "when", j, "key"));
    });
  });
}

function checkRule(rule: AuthorizationRule, action: string, index: number, found: Findings): void {
  const at = `found at rule ${index}`;
  if (rule.from?.length === 0)
    found.at("from").error(`\`from\` must not be empty, ${at}`, "write a source, or remove it");
  if (rule.to?.length === 0)
    found.at("to").error(`\`to\` must not be empty, ${at}`, "write an operation, or remove it");
  rule.from?.forEach(({ source }, i) => {
    if (source === undefined) found.at("from", i).error(`\`from.source\` must not be nil, ${at}`, "write source");
    else checkSource(source, at, found.at("from", i, "source"));
  });
  rule.to?.forEach(({ operation }, i) => {
    if (operation === undefined) found.at("to", i).error(`\`to.operation\` must not be nil, ${at}`, "write operation");
    else checkOperation(operation, at, found.at("to", i, "operation"));
  });
  rule.when?.forEach((condition, i) => void checkCondition(condition, found.at("when", i)));
  warnOfTcp(rule, action, found);
}

const sourceFields = [
  "principals",
  "requestPrincipals",
  "namespaces",
  "serviceAccounts",
  "ipBlocks",
  "remoteIpBlocks",
  "notPrincipals",
  "notRequestPrincipals",
  "notNamespaces",
  "notServiceAccounts",
  "notIpBlocks",
  "notRemoteIpBlocks",
  "trustDomains",
  "notTrustDomains",
] as const;

function checkSource(source: AuthorizationSource, at: string, found: Findings): void {
  if (sourceFields.every((f) => (source[f]?.length ?? 0) === 0))
    found.error(`\`from.source\` must not be empty, ${at}`, "write for example principals");
  for (const field of ["ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks"] as const) {
    source[field]?.forEach((block, i) => void checkBlock(block, found.at(field, i)));
  }
  for (const field of sourceFields) checkEmpty(source[field], field, found);
  for (const field of ["serviceAccounts", "notServiceAccounts"] as const) {
    source[field]?.forEach((account, i) => {
      if (account.split("/").length > 2)
        found
          .at(field, i)
          .error(`serviceAccount "${account}" is not of the form name or namespace/name`, "write namespace/name");
    });
  }
}

const operationFields = [
  "ports",
  "methods",
  "paths",
  "hosts",
  "notPorts",
  "notMethods",
  "notPaths",
  "notHosts",
] as const;

function checkOperation(operation: AuthorizationOperation, at: string, found: Findings): void {
  if (operationFields.every((f) => (operation[f]?.length ?? 0) === 0))
    found.error(`\`to.operation\` must not be empty, ${at}`, "write for example methods");
  checkPorts(operation.ports, found.at("ports"));
  checkPorts(operation.notPorts, found.at("notPorts"));
  for (const field of operationFields) checkEmpty(operation[field], field, found);
  for (const field of ["paths", "notPaths"] as const) {
    operation[field]?.forEach((path, i) => {
      if (isBadTemplate(path)) {
        const name = `${field[0]?.toUpperCase()}${field.slice(1)}`;
        found
          .at(field, i)
          .error(
            `invalid or unsupported path template, found in ${name}`,
            "a template has only {*} and {**}, each a whole segment",
          );
      }
    });
  }
}

/** `{*}` and `{**}` make a path a template, in which named variables and plain `*` have no place. */
function isBadTemplate(path: string): boolean {
  if (!path.includes("{*}") && !path.includes("{**}")) return false;
  return /\/\{\w+=\*\*?\}|\{\w*\}|\/\*\*?|\*\*?\//.test(path);
}

function checkEmpty(values: readonly string[] | undefined, field: string, found: Findings): void {
  const i = values?.indexOf("") ?? -1;
  if (i >= 0)
    found
      .at(field, i)
      .error(`empty value not allowed, found in ${field[0]?.toUpperCase()}${field.slice(1)}`, "remove it");
}

function checkCondition(condition: NonNullable<AuthorizationRule["when"]>[number], found: Findings): void {
  const { key, values = [], notValues = [] } = condition;
  if (key === "") found.at("key").error("`key` must not be empty", "write for example request.headers[x-user]");
  else if (values.length === 0 && notValues.length === 0) {
    found.error(`at least one of \`values\` or \`notValues\` must be set for key ${key}`, "write values");
  } else {
    checkAttribute(key, values, "value", found);
    checkAttribute(key, notValues, "notValue", found);
  }
}

/** A DENY rule with HTTP attributes alone denies all of a TCP port: what cannot be told is taken to match. */
function warnOfTcp(rule: AuthorizationRule, action: string, found: Findings): void {
  if (action !== "DENY") return;
  const hasFrom = rule.from?.some((f) => f.source !== undefined) ?? false;
  const hasTo = rule.to?.some((t) => t.operation !== undefined) ?? false;
  const tcp = [
    "notPrincipals",
    "principals",
    "ipBlocks",
    "notIpBlocks",
    "namespaces",
    "notNamespaces",
    "remoteIpBlocks",
    "notRemoteIpBlocks",
    "serviceAccounts",
    "notServiceAccounts",
    "trustDomains",
    "notTrustDomains",
  ] as const;
  const tcpFrom = rule.from?.some(({ source }) => tcp.some((f) => source?.[f] !== undefined)) ?? false;
  const tcpTo =
    rule.to?.some(({ operation }) => operation?.ports !== undefined || operation?.notPorts !== undefined) ?? false;
  if ((hasFrom && !hasTo && !tcpFrom) || (hasTo && !tcpTo)) {
    found.warn(
      "configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port",
      "write to: [{operation: {ports: [...]}}]",
    );
  }
}
