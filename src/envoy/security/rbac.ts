import { create } from "@bufbuild/protobuf";
import {
  MetadataSource,
  type Permission,
  type Policy,
  PolicySchema,
  type Principal,
  type RBAC,
  RBAC_Action,
  RBACSchema,
} from "../../gen/envoy/config/rbac/v3/rbac_pb.js";
import { type AuthorizationRulePlan, type Condition, isHttpOnly } from "../../plan/security/authorization-rule.ts";
import { permission, permissionOf, principal, principalOf, verifiedPeer, verifiedToken } from "./rbac-value.ts";
import { eachValue } from "./repeated-header.ts";

/** How rules are read. */
export interface Reading {
  readonly action: "ALLOW" | "DENY" | "LOG";
  readonly protocol: "http" | "tcp";
  /**
   * Whether a denial by identity meets those without a verified certificate, too. Where any of the mesh may call without one, a workload that is to
   * be kept out could leave its own at home.
   */
  readonly deniesUnknown?: boolean;
}

/**
 * Rules as Envoy's RBAC. A condition that cannot be judged (of an unknown key; for TCP, what only HTTP knows) never lets anybody in, and never
 * keeps a denial from holding, as in Istio.
 */
export function rbac(rules: readonly AuthorizationRulePlan[], reading: Reading): RBAC {
  const judged = ({ property }: Condition) =>
    property.of !== "unknown" && (reading.protocol === "http" || !isHttpOnly(property));
  const fit = reading.action === "ALLOW" ? rules.filter((r) => wholly(r, judged)) : rules.map((r) => partly(r, judged));
  return create(RBACSchema, {
    action: RBAC_Action[reading.action],
    policies: Object.fromEntries(fit.map((rule) => [rule.id, policy(rule, reading)])),
  });
}

/** As in Istio the whole rule falls, even where another alternative could be judged. */
function wholly({ sources, operations, when }: AuthorizationRulePlan, judged: (c: Condition) => boolean): boolean {
  return [...sources.flat(), ...operations.flat(), ...when].every(judged);
}

function partly(rule: AuthorizationRulePlan, judged: (c: Condition) => boolean): AuthorizationRulePlan {
  const keep = (all: readonly Condition[]) => all.filter(judged);
  return { ...rule, sources: rule.sources.map(keep), operations: rule.operations.map(keep), when: keep(rule.when) };
}

function policy(rule: AuthorizationRulePlan, reading: Reading): Policy {
  const isOperation = ({ property }: Condition) => property.of === "operation" || property.of === "metadata";
  const operations = rule.when.filter(isOperation);
  const others = rule.when.filter((c) => !isOperation(c));
  return create(PolicySchema, {
    permissions: alternatives(rule.operations).map((conditions) => allPermissions([...conditions, ...operations])),
    principals: alternatives(rule.sources).map((conditions) => allPrincipals([...conditions, ...others], reading)),
  });
}

/** No alternatives mean one that always holds. */
function alternatives(lists: readonly (readonly Condition[])[]): readonly (readonly Condition[])[] {
  return lists.length === 0 ? [[]] : lists;
}

function allPermissions(conditions: readonly Condition[]): Permission {
  const rules = conditions.flatMap(({ property, any, none }) => {
    const of = (values: readonly string[]) => orRules(values.map((value) => permissionOf(property, value)));
    return [
      ...(any.length === 0 ? [] : [of(any)]),
      ...(none.length === 0 ? [] : [permission({ case: "notRule", value: of(none) })]),
    ];
  });
  return rules.length === 0
    ? permission({ case: "any", value: true })
    : permission({ case: "andRules", value: { rules } as never });
}

function allPrincipals(conditions: readonly Condition[], reading: Reading): Principal {
  const ids = conditions.flatMap((condition) => [...positive(condition, reading), ...negative(condition, reading)]);
  return ids.length === 0 ? principal({ case: "any", value: true }) : andIds(ids);
}

/** One of `any` holds. */
function positive({ property, any }: Condition, { action, deniesUnknown }: Reading): readonly Principal[] {
  if (any.length === 0) return [];
  const one = any.map((value) => principalOf(property, value));
  if (isIdentity(property) && action === "DENY" && deniesUnknown) return [orIds([...one, notId(verifiedPeer())])];
  return action === "ALLOW" ? [orIds(one), ...each(property, any)] : [orIds(one)];
}

/** None of `none` holds. What nobody has verified is not there to be another: an allowance does not hold for it. */
function negative({ property, none }: Condition, { action }: Reading): readonly Principal[] {
  if (none.length === 0) return [];
  const one = none.map((value) => principalOf(property, value));
  if (action !== "ALLOW") return [notId(andIds([orIds(one), ...each(property, none)]))];
  // "None at all" can only mean those who have none.
  const proof = none.includes("*")
    ? []
    : isIdentity(property)
      ? [verifiedPeer()]
      : ofToken(property)
        ? [verifiedToken()]
        : [];
  return [notId(orIds(one)), ...proof];
}

/** A header that came several times must match by each of its values where one that does not would let something by. */
function each(property: Condition["property"], values: readonly string[]): readonly Principal[] {
  if (!mayRepeat(property, values)) return [];
  const metadataMatcher = eachValue(property.name.toLowerCase(), values);
  return [
    principal({ case: "sourcedMetadata", value: { metadataMatcher, metadataSource: MetadataSource.DYNAMIC } as never }),
  ];
}

/** Headers that must be looked at as a whole, for a list of rules; sorted. */
export function repeatedHeaders(rules: readonly AuthorizationRulePlan[], action: Reading["action"]): readonly string[] {
  const names = rules.flatMap(({ when }) =>
    when.flatMap(({ property, any, none }) =>
      mayRepeat(property, action === "ALLOW" ? any : none) ? [property.name.toLowerCase()] : [],
    ),
  );
  return [...new Set(names)].sort();
}

function mayRepeat(
  property: Condition["property"],
  values: readonly string[],
): property is Extract<Condition["property"], { of: "header" }> {
  return property.of === "header" && !property.name.startsWith(":") && values.length > 0 && !values.includes("*");
}

const identities: readonly string[] = ["principal", "namespace", "serviceAccount", "trustDomain"];

function isIdentity(property: Condition["property"]): boolean {
  return property.of === "source" && identities.includes(property.name);
}

function ofToken(property: Condition["property"]): boolean {
  return (
    property.of === "claim" ||
    property.of === "token" ||
    (property.of === "source" && property.name === "requestPrincipal")
  );
}

const orRules = (rules: readonly Permission[]) => permission({ case: "orRules", value: { rules } as never });
const orIds = (ids: readonly Principal[]) => principal({ case: "orIds", value: { ids } as never });
const andIds = (ids: readonly Principal[]) => principal({ case: "andIds", value: { ids } as never });
const notId = (id: Principal) => principal({ case: "notId", value: id });
