import { create } from "@bufbuild/protobuf";
import {
  MetadataSource,
  type Permission,
  PermissionSchema,
  type Principal,
  PrincipalSchema,
  type SourcedMetadata,
  SourcedMetadataSchema,
} from "../../gen/envoy/config/rbac/v3/rbac_pb.js";
import { type HeaderMatcher, HeaderMatcherSchema } from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { ConfigSchema as MtlsConfigSchema } from "../../gen/envoy/extensions/rbac/principals/mtls_authenticated/v3/mtls_authenticated_pb.js";
import { MetadataMatcherSchema } from "../../gen/envoy/type/matcher/v3/metadata_pb.js";
import type { StringMatcher } from "../../gen/envoy/type/matcher/v3/string_pb.js";
import type { Property } from "../../plan/security/authorization-rule.ts";
import { packed } from "../any.ts";
import { cidr } from "../listener/socket.ts";
import { globbed, hostPattern, pattern, regex, template } from "./text-pattern.ts";

type Rule = Permission["rule"];
type Identifier = Principal["identifier"];

export const permission = (rule: Rule): Permission => create(PermissionSchema, { rule });
export const principal = (identifier: Identifier): Principal => create(PrincipalSchema, { identifier });

/** One value of a property of what is asked for. */
export function permissionOf(property: Property, value: string): Permission {
  return permission(permissionRule(property, value));
}

function permissionRule(property: Property, value: string): Rule {
  if (property.of === "metadata") return { case: "sourcedMetadata", value: filterMetadata(property, value) };
  if (property.of !== "operation") throw new Error(`${JSON.stringify(property)} is no property of an operation`);
  switch (property.name) {
    case "host":
      return { case: "header", value: header(":authority", value, hostPattern) };
    case "method":
      return { case: "header", value: header(":method", value) };
    case "path":
      return pathRule(value);
    case "port":
      return { case: "destinationPort", value: Number(value) };
    case "destinationIp":
      return { case: "destinationIp", value: cidr(value) };
    case "sni":
      return { case: "requestedServerName", value: pattern(value, "", true) };
  }
}

/** `/a/{*}/b` and `/a/{**}` are templates; anything else compares like other texts. */
function pathRule(value: string): Rule {
  const isTemplate = value.includes("{*}") || value.includes("{**}");
  return {
    case: "urlPath",
    value: { rule: { case: "path", value: isTemplate ? template(value) : pattern(value) } } as never,
  };
}

/** One value of a property of who asks. */
export function principalOf(property: Property, value: string): Principal {
  switch (property.of) {
    case "header":
      return principal({ case: "header", value: header(property.name, value) });
    case "claim":
      return principal({ case: "sourcedMetadata", value: metadata(jwt, ["payload", ...property.path], value, true) });
    case "token": {
      const list = property.name === "audiences";
      return principal({
        case: "sourcedMetadata",
        value: metadata(jwt, ["payload", list ? "aud" : "azp"], value, list),
      });
    }
    case "source":
      return sourcePrincipal(property.name, value);
    default:
      throw new Error(`${JSON.stringify(property)} is no property of a source`);
  }
}

const jwt = "envoy.filters.http.jwt_authn";

/** From its start: else namespace `ns`, whose names say `/ns/ns/sa/...`, would be taken for a namespace `sa`. */
const inDomain = "spiffe://[^/]*";

function sourcePrincipal(name: Extract<Property, { of: "source" }>["name"], value: string): Principal {
  const named = (matcher: StringMatcher) =>
    principal({ case: "authenticated", value: { principalName: matcher } as never });
  switch (name) {
    case "principal":
      return named(pattern(value, "spiffe://"));
    case "namespace":
      return named(regex(`${inDomain}/ns/${globbed(value)}/.*`));
    case "serviceAccount": {
      const [namespace = "", account = ""] = value.split("/");
      return named(regex(`${inDomain}/ns/${globbed(namespace)}/sa/${globbed(account)}`));
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

/** A peer whose certificate was verified. */
export function verifiedPeer(): Principal {
  const typedConfig = packed(MtlsConfigSchema, { anyValidatedClientCertificate: true });
  return principal({ case: "custom", value: { name: "mtls_authenticated", typedConfig } as never });
}

/** A caller whose token was verified: each has an issuer. */
export function verifiedToken(): Principal {
  return claimed("iss", "*");
}

/** `ISSUER/SUBJECT` of a verified token. */
function requestPrincipal(value: string): Principal {
  const both = (iss: string, sub: string) =>
    principal({ case: "andIds", value: { ids: [claimed("iss", iss), claimed("sub", sub)] } as never });
  if (value === "*") return both("*", "*");
  const slash = value.lastIndexOf("/");
  if (value.startsWith("*"))
    return slash < 0 ? claimed("sub", value) : both(value.slice(0, slash), value.slice(slash + 1));
  if (value.endsWith("*") && slash < 0) return claimed("iss", value);
  return slash < 0 ? both(value, "") : both(value.slice(0, slash), value.slice(slash + 1));
}

function claimed(claim: string, text: string): Principal {
  return principal({ case: "sourcedMetadata", value: metadata(jwt, ["payload", claim], text) });
}

function header(name: string, value: string, matcher: (value: string) => StringMatcher = pattern): HeaderMatcher {
  return create(HeaderMatcherSchema, {
    name,
    headerMatchSpecifier:
      value === "*" ? { case: "presentMatch", value: true } : { case: "stringMatch", value: matcher(value) },
  });
}

/** `[update]` is one of a list, anything else a text. */
function filterMetadata({ filter, path }: Extract<Property, { of: "metadata" }>, value: string): SourcedMetadata {
  const listed = /^\[(.*)\]$/.exec(value)?.[1];
  return listed === undefined ? metadata(filter, path, value) : metadata(filter, path, listed, true);
}

function metadata(filter: string, path: readonly string[], value: string, list = false): SourcedMetadata {
  const stringMatch = { matchPattern: { case: "stringMatch" as const, value: pattern(value) } };
  const listMatch = { matchPattern: { case: "oneOf" as const, value: stringMatch } };
  const metadataMatcher = create(MetadataMatcherSchema, {
    filter,
    path: path.map((key) => ({ segment: { case: "key" as const, value: key } })),
    value: list
      ? {
          matchPattern: {
            case: "orMatch",
            value: { valueMatchers: [stringMatch, { matchPattern: { case: "listMatch", value: listMatch } }] },
          },
        }
      : stringMatch,
  });
  return create(SourcedMetadataSchema, { metadataMatcher, metadataSource: MetadataSource.DYNAMIC });
}
