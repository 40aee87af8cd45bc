import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type HeaderMatcher,
  HeaderMatcherSchema,
  type RateLimit_ActionSchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { DescriptorSchema } from "../../gen/envoy/extensions/rate_limit_descriptors/expr/v3/expr_pb.js";
import type { RateLimitDimension, RateLimitMatch } from "../../gen/weft/rate-limit.ts";
import type { RateLimitPlan } from "../../plan/policy/rate-limit.ts";
import { packed } from "../any.ts";
import { cidr } from "../listener/socket.ts";
import { requestAuthenticationName } from "../security/authorization-slot.ts";
import { hostPattern, matching, pathPattern, textPattern } from "./request-match.ts";

type Action = MessageInitShape<typeof RateLimit_ActionSchema>;

/** One part of what a request is counted by. */
export interface DescriptorEntry {
  readonly key: string;
  /** Absent: it differs from request to request. */
  readonly value?: string;
  readonly action: Action;
}

/** The key of the entry that holds a rule's id. */
export const ruleEntry = "rule";

/** What a rule counts requests by. A condition that does not hold leaves no entry, and so nothing is counted. */
export function descriptorEntries({ id, match = {}, per }: RateLimitPlan): readonly DescriptorEntry[] {
  const rule = { descriptorKey: ruleEntry, descriptorValue: id };
  return [
    { key: ruleEntry, value: id, action: { actionSpecifier: { case: "genericKey", value: rule } } },
    ...conditions(match),
    ...per.map(dimension),
  ];
}

const held = "1";

function conditions(match: RateLimitMatch): readonly DescriptorEntry[] {
  const { principals, remoteIpBlocks, routes } = match;
  const headers = headerMatchers(match);
  return [
    ...(headers.length === 0 ? [] : [headersHold(headers)]),
    ...(remoteIpBlocks === undefined ? [] : [addressHolds(remoteIpBlocks)]),
    ...(principals === undefined ? [] : [expressionHolds("if-principal", principalIn(principals))]),
    ...(routes === undefined ? [] : [expressionHolds("if-route", `xds.route_name in [${routes.map(quoted).join()}]`)]),
  ];
}

function headersHold(headers: HeaderMatcher[]): DescriptorEntry {
  const key = "if-request";
  const value = { descriptorKey: key, descriptorValue: held, headers };
  return { key, value: held, action: { actionSpecifier: { case: "headerValueMatch", value } } };
}

function addressHolds(blocks: readonly string[]): DescriptorEntry {
  const key = "if-address";
  const ranges = blocks.map(cidr).map(({ addressPrefix, prefixLen = 0 }) => ({ addressPrefix, prefixLen }));
  const addressMatcher = { ranges };
  const value = { descriptorKey: key, descriptorValue: held, addressMatcher };
  return { key, value: held, action: { actionSpecifier: { case: "remoteAddressMatch", value } } };
}

function headerMatchers({ hosts, paths, methods, headers = [] }: RateLimitMatch): HeaderMatcher[] {
  const fits = (name: string, regex: string) =>
    create(HeaderMatcherSchema, { name, headerMatchSpecifier: { case: "stringMatch", value: matching(regex) } });
  const there = (name: string) =>
    create(HeaderMatcherSchema, { name, headerMatchSpecifier: { case: "presentMatch", value: true } });
  return [
    ...(hosts === undefined ? [] : [fits(":authority", hostPattern(hosts))]),
    ...(paths === undefined ? [] : [fits(":path", pathPattern(paths))]),
    ...(methods === undefined ? [] : [fits(":method", textPattern(methods))]),
    ...headers.map(({ name, values }) =>
      values === undefined ? there(name.toLowerCase()) : fits(name.toLowerCase(), textPattern(values)),
    ),
  ];
}

/** An entry of its own only where the condition holds: elsewhere the expression fails, by looking where nothing is. */
function expressionHolds(key: string, condition: string): DescriptorEntry {
  return { key, value: held, action: expression(key, `['${held}'][${condition} ? 0 : 1]`) };
}

/** Of a certificate that was verified; without one the expression fails. */
function principalIn(principals: readonly string[]): string {
  const san = "connection.uri_san_peer_certificate";
  const one = (principal: string) => {
    if (principal === "*") return `${san} != ''`;
    if (principal.startsWith("*")) return `${san}.endsWith(${quoted(principal.slice(1))})`;
    if (principal.endsWith("*")) return `${san}.startsWith(${quoted(`spiffe://${principal.slice(0, -1)}`)})`;
    return `${san} == ${quoted(`spiffe://${principal}`)}`;
  };
  return `(${principals.map(one).join(" || ")})`;
}

/** What stands for a value that is not there: all such requests share one bucket, so that nobody gets out of a limit by leaving it out. */
const none = "'-'";

function dimension({ type, name = "" }: RateLimitDimension): DescriptorEntry {
  if (type === "RemoteAddress") {
    // Whoever has an IPv6 address mostly has all of its /64.
    const value = { v4PrefixMaskLen: 32, v6PrefixMaskLen: 64 };
    return { key: "masked_remote_address", action: { actionSpecifier: { case: "maskedRemoteAddress", value } } };
  }
  const header = quoted(name.toLowerCase());
  const texts: Readonly<Record<typeof type, string>> = {
    Header: `${header} in request.headers ? request.headers[${header}] : ${none}`,
    Principal: `connection.mtls ? connection.uri_san_peer_certificate : ${none}`,
    Host: "request.host",
    Path: "request.url_path",
    Method: "request.method",
    Route: "xds.route_name",
    Claim: claim(quoted(name)),
  };
  const key = type === "Header" || type === "Claim" ? `${type}-${name}`.toLowerCase() : type.toLowerCase();
  return { key, action: expression(key, texts[type]) };
}

/** Of the token that was verified before. */
function claim(name: string): string {
  const all = "metadata.filter_metadata";
  const [filter, payload] = [`'${requestAuthenticationName}'`, "'payload'"];
  const token = `${all}[${filter}][${payload}]`;
  const there = `${filter} in ${all} && ${payload} in ${all}[${filter}] && ${name} in ${token}`;
  return `${there} ? ${token}[${name}] : ${none}`;
}

function expression(descriptorKey: string, text: string): Action {
  const typedConfig = packed(DescriptorSchema, { descriptorKey, exprSpecifier: { case: "text", value: text } });
  return {
    actionSpecifier: { case: "extension", value: { name: "envoy.rate_limit_descriptors.expr", typedConfig } },
  };
}

/** A text as a literal of CEL. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
