import { create } from "@bufbuild/protobuf";
import {
  MetadataSource,
  type Permission,
  PermissionSchema,
  type Policy,
  PolicySchema,
  type Principal,
  PrincipalSchema,
  type RBAC,
  RBAC_Action,
  RBACSchema,
  type SourcedMetadata,
  SourcedMetadataSchema,
} from "../../gen/envoy/config/rbac/v3/rbac_pb.js";
import { type HeaderMatcher, HeaderMatcherSchema } from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { UriTemplateMatchConfigSchema } from "../../gen/envoy/extensions/path/match/uri_template/v3/uri_template_match_pb.js";
import { MetadataMatcherSchema } from "../../gen/envoy/type/matcher/v3/metadata_pb.js";
import { type StringMatcher, StringMatcherSchema } from "../../gen/envoy/type/matcher/v3/string_pb.js";
import type { AuthorizationRulePlan, Condition, Property } from "../../plan/security/authorization.ts";
import { isHttpOnly } from "../../plan/security/authorization.ts";
import { packed } from "../any.ts";
import { cidr } from "../listener/socket.ts";

/**
 * Rules as Envoy's RBAC. A condition that cannot be judged (of an unknown key; for TCP, what only HTTP knows) never lets anybody in, and never
 * keeps a denial from holding, as in Istio. `custom` refuses too, but there a rule with such a condition falls, as Istio has it.
 */
export function rbac(
  rules: readonly AuthorizationRulePlan[],
  action: "ALLOW" | "DENY",
  protocol: "http" | "tcp",
  custom: readonly AuthorizationRulePlan[] = [],
): RBAC {
  const judged = ({ property }: Condition) =>
    property.of !== "unknown" && (protocol === "http" || !isHttpOnly(property));
  const whole = (rule: AuthorizationRulePlan) => wholly(rule, judged);
  const fit = action === "ALLOW" ? rules.flatMap(whole) : rules.map((rule) => denying(rule, judged));
  return create(RBACSchema, {
    action: RBAC_Action[action],
    policies: Object.fromEntries([...custom.flatMap(whole), ...fit].map((rule) => [rule.id, policy(rule)])),
  });
}

/** As in Istio the whole rule falls, even where another alternative could be judged. */
function wholly(rule: AuthorizationRulePlan, judged: (c: Condition) => boolean): readonly AuthorizationRulePlan[] {
  const all = [...rule.sources.flat(), ...rule.operations.flat(), ...rule.when];
  return all.every(judged) ? [rule] : [];
}

function denying(rule: AuthorizationRulePlan, judged: (c: Condition) => boolean): AuthorizationRulePlan {
  const keep = (all: readonly Condition[]) => all.filter(judged);
  return { ...rule, sources: rule.sources.map(keep), operations: rule.operations.map(keep), when: keep(rule.when) };
}

function policy(rule: AuthorizationRulePlan): Policy {
  const isOperation = ({ property }: Condition) => property.of === "operation" || property.of === "metadata";
  const operations = rule.when.filter(isOperation);
  const others = rule.when.filter((c) => !isOperation(c));
  return create(PolicySchema, {
    permissions: alternatives(rule.operations).map((conditions) => allPermissions([...conditions, ...operations])),
    principals: alternatives(rule.sources).map((conditions) => allPrincipals([...conditions, ...others])),
  });
}

/** No alternatives mean one that always holds. */
function alternatives(lists: readonly (readonly Condition[])[]): readonly (readonly Condition[])[] {
  return lists.length === 0 ? [[]] : lists;
}

type Rule = Permission["rule"];
type Identifier = Principal["identifier"];

function allPermissions(conditions: readonly Condition[]): Permission {
  const rules = conditions.flatMap((c) => {
    const any = c.any.map((value) => permission(permissionRule(c.property, value)));
    const none = c.none.map((value) => permission(permissionRule(c.property, value)));
    return [
      ...(any.length === 0 ? [] : [orRules(any)]),
      ...(none.length === 0 ? [] : [permission({ case: "notRule", value: orRules(none) })]),
    ];
  });
  return rules.length === 0
    ? permission({ case: "any", value: true })
    : permission({ case: "andRules", value: set(rules) as never });
}

function allPrincipals(conditions: readonly Condition[]): Principal {
  const ids = conditions.flatMap((c) => {
    const any = c.any.map((value) => principalOf(c.property, value));
    const none = c.none.map((value) => principalOf(c.property, value));
    return [
      ...(any.length === 0 ? [] : [orIds(any)]),
      ...(none.length === 0 ? [] : [principal({ case: "notId", value: orIds(none) })]),
    ];
  });
  return ids.length === 0
    ? principal({ case: "any", value: true })
    : principal({ case: "andIds", value: { ids } as never });
}

const permission = (rule: Rule): Permission => create(PermissionSchema, { rule });
const principal = (identifier: Identifier): Principal => create(PrincipalSchema, { identifier });
const set = (rules: Permission[]) => ({ rules });
const orRules = (rules: Permission[]): Permission => permission({ case: "orRules", value: set(rules) as never });
const orIds = (ids: Principal[]): Principal => principal({ case: "orIds", value: { ids } as never });

function permissionRule(property: Property, value: string): Rule {
  if (property.of === "metadata") return { case: "sourcedMetadata", value: filterMetadata(property, value) };
  if (property.of !== "operation") throw new Error(`${JSON.stringify(property)} is no property of an operation`);
  switch (property.name) {
    case "host":
      return { case: "header", value: header(":authority", value, true) };
    case "method":
      return { case: "header", value: header(":method", value, false) };
    case "path":
      return pathRule(value);
    case "port":
      return { case: "destinationPort", value: Number(value) };
    case "destinationIp":
      return { case: "destinationIp", value: cidr(value) };
    case "sni":
      return { case: "requestedServerName", value: pattern(value, "", false) };
  }
}

/** `/a/{*}/b` and `/a/{**}` are templates; anything else compares like other texts. */
function pathRule(value: string): Rule {
  if (value.includes("{*}") || value.includes("{**}")) {
    return {
      case: "uriTemplate",
      value: {
        name: "uri-template",
        typedConfig: packed(UriTemplateMatchConfigSchema, { pathTemplate: templated(value) }),
      } as never,
    };
  }
  return { case: "urlPath", value: { rule: { case: "path", value: pattern(value, "", false) } } as never };
}

/** Envoy's words for Istio's path templates. */
function templated(value: string): string {
  return value.replaceAll("{**}", "**").replaceAll("{*}", "*");
}

function principalOf(property: Property, value: string): Principal {
  switch (property.of) {
    case "header":
      return principal({ case: "header", value: header(property.name, value, false) });
    case "claim":
      return principal({ case: "sourcedMetadata", value: metadata(jwt, ["payload", ...property.path], value, true) });
    case "token":
      return property.name === "audiences"
        ? principal({ case: "sourcedMetadata", value: metadata(jwt, ["payload", "aud"], value, true) })
        : principal({ case: "sourcedMetadata", value: metadata(jwt, ["payload", "azp"], value) });
    case "source":
      return sourcePrincipal(property.name, value);
    default:
      throw new Error(`${JSON.stringify(property)} is no property of a source`);
  }
}

const jwt = "envoy.filters.http.jwt_authn";

function sourcePrincipal(name: Extract<Property, { of: "source" }>["name"], value: string): Principal {
  const named = (matcher: StringMatcher) =>
    principal({ case: "authenticated", value: { principalName: matcher } as never });
  switch (name) {
    case "principal":
      return named(pattern(value, "spiffe://", false));
    case "namespace":
      return named(regex(`.*/ns/${globbed(value)}/.*`));
    case "serviceAccount": {
      const [namespace = "", account = ""] = value.split("/");
      return named(regex(`.*/ns/${globbed(namespace)}/sa/${globbed(account)}`));
    }
    case "trustDomain":
      return named(regex(`spiffe://${globbed(value)}/.*`));
    case "ip":
      return principal({ case: "directRemoteIp", value: cidr(value) });
    case "remoteIp":
      return principal({ case: "remoteIp", value: cidr(value) });
    case "requestPrincipal":
      return requestPrincipal(value);
  }
}

/** `ISSUER/SUBJECT` of a verified token. */
function requestPrincipal(value: string): Principal {
  const of = (claim: string, text: string) =>
    principal({ case: "sourcedMetadata", value: metadata(jwt, ["payload", claim], text) });
  if (value === "*") return principal({ case: "andIds", value: { ids: [of("iss", "*"), of("sub", "*")] } as never });
  if (value.startsWith("*")) {
    const slash = value.lastIndexOf("/");
    if (slash < 0) return of("sub", value);
    return principal({
      case: "andIds",
      value: { ids: [of("iss", value.slice(0, slash)), of("sub", value.slice(slash + 1))] } as never,
    });
  }
  const slash = value.lastIndexOf("/");
  if (value.endsWith("*") && slash < 0) return of("iss", value);
  const [issuer, subject] = slash < 0 ? [value, ""] : [value.slice(0, slash), value.slice(slash + 1)];
  return principal({ case: "andIds", value: { ids: [of("iss", issuer), of("sub", subject)] } as never });
}

function header(name: string, value: string, ignoreCase: boolean): HeaderMatcher {
  if (value === "*")
    return create(HeaderMatcherSchema, { name, headerMatchSpecifier: { case: "presentMatch", value: true } });
  return create(HeaderMatcherSchema, {
    name,
    headerMatchSpecifier: { case: "stringMatch", value: pattern(value, "", ignoreCase) },
  });
}

/** `[update]` is one of a list, anything else a text. */
function filterMetadata({ filter, path }: Extract<Property, { of: "metadata" }>, value: string): SourcedMetadata {
  const listed = /^\[(.*)\]$/.exec(value)?.[1];
  return listed === undefined ? metadata(filter, path, value) : metadata(filter, path, listed, true);
}

function metadata(filter: string, path: readonly string[], value: string, list = false): SourcedMetadata {
  const stringMatch = { matchPattern: { case: "stringMatch" as const, value: pattern(value, "", false) } };
  const metadataMatcher = create(MetadataMatcherSchema, {
    filter,
    path: path.map((key) => ({ segment: { case: "key" as const, value: key } })),
    value: list
      ? {
          matchPattern: {
            case: "orMatch",
            value: {
              valueMatchers: [
                stringMatch,
                { matchPattern: { case: "listMatch", value: { matchPattern: { case: "oneOf", value: stringMatch } } } },
              ],
            },
          },
        }
      : stringMatch,
  });
  return create(SourcedMetadataSchema, { metadataMatcher, metadataSource: MetadataSource.DYNAMIC });
}

/** Istio's text patterns: `*` is any text that is there, `a*` a prefix, `*a` a suffix. `lead` stands before what is written. */
function pattern(value: string, lead: string, ignoreCase: boolean): StringMatcher {
  if (value === "*") return regex(".+");
  if (value.startsWith("*")) {
    return lead === ""
      ? create(StringMatcherSchema, { matchPattern: { case: "suffix", value: value.slice(1) }, ignoreCase })
      : regex(`${lead}.*${escaped(value.slice(1))}`);
  }
  if (value.endsWith("*"))
    return create(StringMatcherSchema, {
      matchPattern: { case: "prefix", value: lead + value.slice(0, -1) },
      ignoreCase,
    });
  return create(StringMatcherSchema, { matchPattern: { case: "exact", value: lead + value }, ignoreCase });
}

function regex(text: string): StringMatcher {
  return create(StringMatcherSchema, { matchPattern: { case: "safeRegex", value: { regex: text } } });
}

/** A name with `*` at its ends as an expression. */
function globbed(value: string): string {
  return value.split("*").map(escaped).join(".*");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
