import { within } from "./address.ts";
import { type Json, part, parts } from "./json.ts";
import type { Request } from "./request.ts";
import { matchesTemplate, matchesText, textInWords } from "./text.ts";
import { matchesValue, valueAt } from "./value.ts";

/**
 * Envoy's RBAC as plain data, in protobuf's JSON form: whether a permission or a principal holds for a request, and where it does not, why. Source:
 * source/extensions/filters/common/rbac/matchers.cc of Envoy 1.40. Throws for a kind of matcher that none of ours is: then nothing is answered.
 */
export type Judgement = { readonly holds: true } | { readonly holds: false; readonly why: string };

const yes: Judgement = { holds: true };
const no = (why: string): Judgement => ({ holds: false, why });
const either = (holds: boolean, why: string): Judgement => (holds ? yes : no(why));

/** One policy: one of its permissions and one of its principals. */
export function judgePolicy(policy: Json, request: Request): Judgement {
  const what = anyOf(parts(policy, "permissions"), (one) => judgePermission(one, request));
  return what.holds ? anyOf(parts(policy, "principals"), (one) => judgePrincipal(one, request)) : what;
}

function anyOf(all: readonly Json[], judge: (one: Json) => Judgement): Judgement {
  const whys: string[] = [];
  for (const one of all) {
    const judged = judge(one);
    if (judged.holds) return yes;
    whys.push(judged.why);
  }
  return no([...new Set(whys)].slice(0, 3).join("; ") || "it matches nothing");
}

function allOf(all: readonly Json[], judge: (one: Json) => Judgement): Judgement {
  for (const one of all) {
    const judged = judge(one);
    if (!judged.holds) return judged;
  }
  return yes;
}

export function judgePermission(rule: Json, request: Request): Judgement {
  const judge = (one: Json) => judgePermission(one, request);
  const { path } = request;
  if (rule["any"] === true) return yes;
  if ("and_rules" in rule) return allOf(parts(part(rule, "and_rules"), "rules"), judge);
  if ("or_rules" in rule) return anyOf(parts(part(rule, "or_rules"), "rules"), judge);
  const not = part(rule, "not_rule");
  if (not !== undefined) return either(!judge(not).holds, `it is what the rule leaves out: ${inWords(not)}`);
  const url = part(part(rule, "url_path") ?? {}, "path");
  if (url !== undefined)
    return either(path !== undefined && matchesText(url, withoutQuery(path)), `the path is not ${textInWords(url)}`);
  if ("uri_template" in rule) {
    const template = String(part(part(rule, "uri_template") ?? {}, "typed_config")?.["path_template"]);
    return either(path !== undefined && matchesTemplate(template, withoutQuery(path)), `the path is not ${template}`);
  }
  if ("destination_port" in rule)
    return either(
      request.destination.port === rule["destination_port"],
      `the port is not ${String(rule["destination_port"])}`,
    );
  const ip = part(rule, "destination_ip");
  if (ip !== undefined)
    return either(within(ip, request.destination.address), `the called address is not ${range(ip)}`);
  const name = part(rule, "requested_server_name");
  if (name !== undefined)
    return either(matchesText(name, request.serverName), `the server name is not ${textInWords(name)}`);
  return common(rule, request);
}

export function judgePrincipal(id: Json, request: Request): Judgement {
  const judge = (one: Json) => judgePrincipal(one, request);
  if (id["any"] === true) return yes;
  if ("and_ids" in id) return allOf(parts(part(id, "and_ids"), "ids"), judge);
  if ("or_ids" in id) return anyOf(parts(part(id, "or_ids"), "ids"), judge);
  const not = part(id, "not_id");
  if (not !== undefined) return either(!judge(not).holds, `the caller is whom the rule leaves out: ${inWords(not)}`);
  const authenticated = part(id, "authenticated");
  if (authenticated !== undefined) {
    const name = part(authenticated, "principal_name");
    if (request.identity === undefined) return no("the caller has no verified certificate");
    return either(
      name === undefined || matchesText(name, request.identity),
      `the caller is not ${name ? textInWords(name) : ""}`,
    );
  }
  if ("custom" in id) return either(request.identity !== undefined, "the caller has no verified certificate");
  const direct = part(id, "direct_remote_ip");
  if (direct !== undefined)
    return either(within(direct, request.address), `the caller's address is not ${range(direct)}`);
  const remote = part(id, "remote_ip");
  if (remote !== undefined)
    return either(within(remote, request.remoteAddress), `the client's address is not ${range(remote)}`);
  return common(id, request);
}

/** Matchers that both have. */
function common(one: Json, request: Request): Judgement {
  const header = part(one, "header");
  if (header !== undefined) return judgeHeader(header, request);
  const sourced = part(part(one, "sourced_metadata") ?? {}, "metadata_matcher") ?? part(one, "metadata");
  if (sourced !== undefined) {
    const value = valueAt(request.metadata, sourced);
    const where = parts(sourced, "path")
      .map((segment) => String(segment["key"]))
      .join(".");
    return either(matchesValue(part(sourced, "value") ?? {}, value), `${where} does not match`);
  }
  throw new Error(`RBAC of a kind that is not known: ${Object.keys(one).join(", ")}`);
}

/** A header that came several times is looked at value by value. */
function judgeHeader(header: Json, request: Request): Judgement {
  const name = String(header["name"]).toLowerCase();
  const values = request.headers.filter(([known]) => known === name).map(([, value]) => value);
  if ("present_match" in header) return either(values.length > 0 === header["present_match"], `there is no ${name}`);
  const text = part(header, "string_match") ?? {};
  return either(
    values.some((value) => matchesText(text, value)),
    `${named(name)} is not ${textInWords(text)}`,
  );
}

const words: Readonly<Record<string, string>> = {
  ":method": "the method",
  ":authority": "the host",
  ":path": "the path",
};

function named(header: string): string {
  return words[header] ?? `header ${header}`;
}

/** What a matcher says, as far as that fits into a few words. */
function inWords(one: Json): string {
  const inner = parts(part(one, "or_rules"), "rules").concat(
    parts(part(one, "or_ids"), "ids"),
    parts(part(one, "and_ids"), "ids"),
  );
  if (inner.length > 0) return inner.slice(0, 3).map(inWords).join(", ");
  const text =
    part(part(one, "url_path") ?? {}, "path") ??
    part(part(one, "authenticated") ?? {}, "principal_name") ??
    part(part(one, "header") ?? {}, "string_match") ??
    part(one, "requested_server_name");
  if (text !== undefined) return textInWords(text);
  const ip = part(one, "direct_remote_ip") ?? part(one, "remote_ip") ?? part(one, "destination_ip");
  if (ip !== undefined) return range(ip);
  return "destination_port" in one ? `port ${String(one["destination_port"])}` : (Object.keys(one)[0] ?? "");
}

function range(ip: Json): string {
  return `${String(ip["address_prefix"])}/${String(ip["prefix_len"] ?? 0)}`;
}

function withoutQuery(path: string): string {
  return path.replace(/[?#].*$/s, "");
}
