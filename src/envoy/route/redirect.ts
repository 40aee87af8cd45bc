import { create } from "@bufbuild/protobuf";
import {
  RedirectAction_RedirectResponseCode as Code,
  type RedirectAction,
  RedirectActionSchema,
} from "../../gen/envoy/config/route/v3/route_components_pb.js";
import type { Redirect } from "../../plan/route/redirect.ts";

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
    ...(path
      ? { pathRewriteSpecifier: { case: path.kind === "whole" ? "pathRedirect" : "prefixRewrite", value: path.value } }
      : {}),
  });
}
