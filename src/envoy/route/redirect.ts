import { create } from "@bufbuild/protobuf";
import {
  RedirectAction_RedirectResponseCode as Code,
  type RedirectAction,
  RedirectActionSchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import { RegexMatchAndSubstituteSchema } from "../../gen/envoy/type/matcher/v3/regex_pb.js";
import type { Redirect } from "../../plan/route/redirect.ts";
import { regex } from "./text-match.ts";

const codes: Readonly<Record<Redirect["code"], Code>> = {
  301: Code.MOVED_PERMANENTLY,
  302: Code.FOUND,
  303: Code.SEE_OTHER,
  307: Code.TEMPORARY_REDIRECT,
  308: Code.PERMANENT_REDIRECT,
};

export function redirectAction({ code, scheme, authority, port, path }: Redirect): RedirectAction {
  return create(RedirectActionSchema, {
    responseCode: codes[code],
    hostRedirect: authority ?? "",
    portRedirect: port ?? 0,
    ...(scheme ? { schemeRewriteSpecifier: { case: "schemeRedirect", value: scheme } } : {}),
    ...(path ? { pathRewriteSpecifier: pathRewrite(path) } : {}),
  });
}

function pathRewrite(path: NonNullable<Redirect["path"]>): RedirectAction["pathRewriteSpecifier"] {
  if (path.kind === "whole") return { case: "pathRedirect", value: path.value };
  if (path.kind === "prefix") return { case: "prefixRewrite", value: path.value };
  const value = create(RegexMatchAndSubstituteSchema, {
    pattern: regex(path.pattern),
    substitution: path.substitution,
  });
  return { case: "regexRewrite", value };
}
