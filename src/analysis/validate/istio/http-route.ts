import type { HTTPRoute, HTTPRouteDestination } from "../../../gen/istio/virtual-service.ts";
import type { Findings } from "../finding.ts";
import { checkHeaderName, checkHeaderOperations, isAuthority, isClaim } from "../headers.ts";
import { checkLabels, checkPort, isDnsLabel } from "../names.ts";
import { checkDuration, checkRegexMatch, checkStringMatch } from "../values.ts";
import { checkDestination, checkWeights } from "./destination.ts";
import { checkGatewayNames } from "./gateway-names.ts";
import { checkCors, checkDirectResponse, checkFault, checkRedirect, checkRetry, checkRewrite } from "./http-action.ts";

/** Checks one HTTP route; `inDelegate` says that its VirtualService has no hosts of its own. */
export function checkHttpRoute(route: HTTPRoute, inDelegate: boolean, found: Findings): void {
  checkConflicts(route, inDelegate, found);
  route.match?.forEach((match, i) => void checkMatch(match, found.at("match", i)));
  checkHeaderOperations(route.headers, found);
  if (route.corsPolicy) checkCors(route.corsPolicy, found.at("corsPolicy"));
  if (route.fault) checkFault(route.fault, found.at("fault"));
  checkMirrors(route, found);
  if (route.redirect) checkRedirect(route.redirect, found.at("redirect"));
  checkPrefixRedirect(route, found);
  if (route.directResponse) checkDirectResponse(route.directResponse, found.at("directResponse"));
  if (route.retries) checkRetry(route.retries, found.at("retries"));
  if (route.rewrite) checkRewrite(route.rewrite, found.at("rewrite"));
  checkAuthority(route, found);
  checkDestinations(route.route ?? [], found.at("route"));
  checkDuration(route.timeout, found.at("timeout"));
}

function checkConflicts(route: HTTPRoute, inDelegate: boolean, found: Findings): void {
  const { redirect, directResponse, fault, rewrite, delegate } = route;
  const hasRoute = (route.route ?? []).length > 0;
  if (delegate !== undefined && !inDelegate) {
    const name = route.name ?? "";
    if (redirect)
      found.at("redirect").error(`root HTTP route ${name} must not specify redirect`, "move it to the delegate");
    if (route.route)
      found.at("route").error(`root HTTP route ${name} must not specify route`, "move it to the delegate");
    return;
  }
  if (delegate !== undefined) found.at("delegate").error("delegate HTTP route cannot contain delegate", "remove it");
  const not = (isSet: boolean, what: string, other: string): void => {
    if (isSet) found.error(`HTTP route cannot contain both ${what} and ${other}`, "remove one of the two");
  };
  if (redirect) {
    not(hasRoute, "route", "redirect");
    not(fault !== undefined, "fault", "redirect");
    not(rewrite !== undefined, "rewrite", "redirect");
    not(directResponse !== undefined, "direct_response", "redirect");
  } else if (directResponse) {
    not(hasRoute, "route", "direct_response");
    not(fault !== undefined, "fault", "direct_response");
    not(rewrite !== undefined, "rewrite", "direct_response");
  } else if (!hasRoute)
    found.error("HTTP route, redirect or direct_response is required", "write route with a destination");
  if (route.mirror !== undefined && (route.mirrors ?? []).length > 0) {
    found.error("HTTP route cannot contain both mirror and mirrors", "move mirror into mirrors");
  }
}

/** A redirect can replace a prefix only where one was matched. */
function checkPrefixRedirect(route: HTTPRoute, found: Findings): void {
  if (!route.redirect?.prefixRewrite) return;
  route.match?.forEach(({ uri }, i) => {
    if (uri?.exact === undefined && uri?.regex === undefined) return;
    found
      .at("match", i, "uri")
      .error("redirect prefixRewrite requires a prefix match of the uri", "write prefix, or redirect.uri");
  });
}

function checkMatch(match: NonNullable<HTTPRoute["match"]>[number], found: Findings): void {
  for (const [name, header] of Object.entries(match.headers ?? {})) {
    const at = found.at("headers", name);
    if (!isClaim(name)) checkHeaderName(name, at);
    checkStringMatch(header, "headers", at);
  }
  for (const [name, header] of Object.entries(match.withoutHeaders ?? {})) {
    const at = found.at("withoutHeaders", name);
    if (!isClaim(name)) checkHeaderName(name, at);
    // "*" is no regex here: it means that the header is present.
    if (header.regex !== "*") checkStringMatch(header, "withoutHeaders", at);
  }
  checkRegexMatch(match.uri, "uri", found.at("uri"));
  for (const field of ["scheme", "method", "authority"] as const)
    checkStringMatch(match[field], field, found.at(field));
  for (const [name, param] of Object.entries(match.queryParams ?? {}))
    checkStringMatch(param, "queryParams", found.at("queryParams", name));
  if ((match.port ?? 0) !== 0) checkPort(match.port, found.at("port"));
  checkLabels(match.sourceLabels, found.at("sourceLabels"));
  checkGatewayNames(match.gateways, found);
  if (match.sourceNamespace && !isDnsLabel(match.sourceNamespace)) {
    found.at("sourceNamespace").error(`sourceNamespace match ${match.sourceNamespace} is invalid`, "write a namespace");
  }
}

function checkMirrors(route: HTTPRoute, found: Findings): void {
  const percent = route.mirrorPercent ?? route.mirror_percent;
  if (percent !== undefined) {
    if (percent > 100)
      found
        .at("mirrorPercent")
        .error(`mirror_percent must have a max value of 100 (it has ${percent})`, "write 100 or less");
    found
      .at("mirrorPercent")
      .warn(
        'using deprecated setting "mirrorPercent", use "mirrorPercentage" instead',
        "write mirrorPercentage: {value: 100}",
      );
  }
  checkShare(route.mirrorPercentage?.value, "mirror_percentage", found.at("mirrorPercentage"));
  if (route.mirror) checkDestination(route.mirror, found.at("mirror"));
  route.mirrors?.forEach((mirror, i) => {
    const at = found.at("mirrors", i);
    checkDestination(mirror.destination, at.at("destination"));
    checkShare(mirror.percentage?.value, "mirror percentage", at.at("percentage"));
  });
}

function checkShare(value: number | undefined, name: string, found: Findings): void {
  if (value === undefined) return;
  if (value > 100) found.error(`${name} must have a max value of 100 (it has ${value})`, "write 100 or less");
  if (value < 0) found.error(`${name} must have a min value of 0 (it has ${value})`, "write 0 or more");
}

/** The authority can be rewritten in one place only. */
function checkAuthority(route: HTTPRoute, found: Findings): void {
  const request = route.headers?.request;
  const places = [
    ...(route.rewrite?.authority ? [route.rewrite.authority] : []),
    ...(["set", "add"] as const).flatMap((how) =>
      Object.entries(request?.[how] ?? {}).flatMap(([name, value]) => (isAuthority(name) ? [value] : [])),
    ),
  ].filter((value) => value !== "");
  if (places.length > 1) {
    found.error(
      `authority header cannot be set multiple times: have "${places[0]}", attempting to set "${places[1]}"`,
      "set it in one place",
    );
  }
}

function checkDestinations(routes: readonly HTTPRouteDestination[], found: Findings): void {
  routes.forEach((route, i) => {
    const at = found.at(i);
    checkHeaderOperations(route.headers, at);
    checkDestination(route.destination, at.at("destination"));
  });
  checkWeights(routes, found);
}
