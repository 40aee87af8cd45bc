import type {
  CorsPolicy,
  HTTPDirectResponse,
  HTTPFaultInjection,
  HTTPRedirect,
  HTTPRetry,
  HTTPRewrite,
} from "../../../gen/istio/virtual-service.ts";
import { isKnownStatus } from "../../../std/http-status.ts";
import type { Findings } from "../finding.ts";
import { checkCorsHeaderName } from "../headers.ts";
import { checkPort } from "../names.ts";
import { checkDuration, checkFraction, checkRegex, checkRegexMatch, parseDuration } from "../values.ts";

const methods = new Set("GET HEAD POST PUT PATCH DELETE CONNECT OPTIONS TRACE".split(" "));
const retryOn = new Set(
  "5xx gateway-error reset reset-before-request connect-failure retriable-4xx refused-stream retriable-status-codes retriable-headers envoy-ratelimited http3-post-connect-failure cancelled deadline-exceeded internal resource-exhausted unavailable".split(
    " ",
  ),
);
const grpcStatus = new Set(
  "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED".split(
    " ",
  ),
);

/** Checks a CORS policy. */
export function checkCors(policy: CorsPolicy, found: Findings): void {
  policy.allowOrigins?.forEach((origin, i) => {
    const at = found.at("allowOrigins", i);
    const text = origin.exact ?? origin.prefix ?? origin.regex ?? "";
    if (text === "") at.error("'' is not a valid match type for CORS allow origins", "write exact, prefix or regex");
    else checkRegexMatch(origin, "corsPolicy.allowOrigins", at);
  });
  policy.allowMethods?.forEach((method, i) => {
    if (!methods.has(method))
      found
        .at("allowMethods", i)
        .error(`"${method}" is not a supported HTTP method`, `write one of ${[...methods].join(", ")}`);
  });
  policy.allowHeaders?.forEach((name, i) => void checkCorsHeaderName(name, found.at("allowHeaders", i)));
  policy.exposeHeaders?.forEach((name, i) => void checkCorsHeaderName(name, found.at("exposeHeaders", i)));
  checkDuration(policy.maxAge, found.at("maxAge"));
  if (policy.maxAge !== undefined && (parseDuration(policy.maxAge) ?? 0) % 1e9 !== 0) {
    found.at("maxAge").error("max_age duration is accurate only to seconds precision", "write whole seconds");
  }
}

/** Checks fault injection. */
export function checkFault({ abort, delay }: HTTPFaultInjection, found: Findings): void {
  if (!abort && !delay) found.error("HTTP fault injection must have an abort and/or a delay", "write abort or delay");
  if (abort) {
    const at = found.at("abort");
    checkFraction(abort.percentage?.value, at.at("percentage", "value"));
    if (abort.grpcStatus !== undefined) {
      if (!grpcStatus.has(abort.grpcStatus))
        at.at("grpcStatus").error(
          `gRPC status "${abort.grpcStatus}" is not supported`,
          "write for example 'NOT_FOUND'",
        );
    } else if (abort.http2Error !== undefined)
      at.at("http2Error").error("HTTP/2 abort fault injection not supported yet", "write httpStatus");
    else if (abort.httpStatus !== undefined) checkStatus(abort.httpStatus, at.at("httpStatus"));
    else at.warn("abort configured, but error type not set", "write httpStatus or grpcStatus");
  }
  if (!delay) return;
  const at = found.at("delay");
  checkFraction(delay.percentage?.value, at.at("percentage", "value"));
  checkDuration(delay.fixedDelay, at.at("fixedDelay"));
  if (delay.exponentialDelay !== undefined)
    at.at("exponentialDelay").error("exponentialDelay not supported yet", "write fixedDelay");
}

function checkStatus(status: number, found: Findings): void {
  if (status < 200 || status > 600)
    found.error(`HTTP status ${status} is not in range 200-599`, "write for example 503");
}

/** Checks a redirect. */
export function checkRedirect(redirect: HTTPRedirect, found: Findings): void {
  const { uri, authority, port, derivePort, scheme, redirectCode } = redirect;
  if (!uri && !authority && port === undefined && derivePort === undefined && !scheme && !redirect.prefixRewrite) {
    found.error("redirect must specify URI, authority, scheme, or port", "write where to");
    return;
  }
  if (uri && redirect.prefixRewrite)
    found.at("prefixRewrite").error("redirect may only contain one of URI or prefixRewrite", "remove one of the two");
  if (redirectCode && (redirectCode < 300 || redirectCode > 399)) {
    found
      .at("redirectCode")
      .error(`${redirectCode} is not a valid redirect code, must be 3xx`, "write for example 301");
  }
  if (scheme && scheme !== "http" && scheme !== "https")
    found.at("scheme").error('invalid redirect scheme, must be "http" or "https"', 'write "https"');
  if ((port ?? 0) > 0) checkPort(port, found.at("port"));
}

/** Checks a direct response. */
export function checkDirectResponse({ body, status }: HTTPDirectResponse, found: Findings): void {
  const size =
    body?.string !== undefined
      ? Buffer.byteLength(body.string)
      : body?.bytes !== undefined
        ? Buffer.byteLength(body.bytes, "base64")
        : 0;
  if (size > 1024 * 1024)
    found
      .at("body")
      .error("large direct_responses may impact control plane performance, must be less than 1MB", "write less");
  else if (size > 100 * 1024)
    found.at("body").warn("large direct_responses may impact control plane performance", "write less");
  checkStatus(status, found.at("status"));
}

/** Checks a retry policy. */
export function checkRetry(retries: HTTPRetry, found: Findings): void {
  const attempts = retries.attempts ?? 0;
  if (attempts < 0) found.at("attempts").error("attempts cannot be negative", "write 0 or more");
  if (
    attempts === 0 &&
    (retries.perTryTimeout !== undefined || retries.retryOn || retries.retryRemoteLocalities !== undefined)
  ) {
    found.error("http retry policy configured when attempts are set to 0 (disabled)", "write attempts");
  }
  checkDuration(retries.perTryTimeout, found.at("perTryTimeout"));
  checkDuration(retries.backoff, found.at("backoff"));
  for (const policy of retries.retryOn ? retries.retryOn.split(",") : []) {
    if (!retryOn.has(policy) && !isKnownStatus(policy)) {
      found
        .at("retryOn")
        .error(
          `"${policy}" is not a valid retryOn policy`,
          "write a status code, or for example 5xx,reset,connect-failure",
        );
    }
  }
}

/** Checks a rewrite. */
export function checkRewrite({ uri, uriRegexRewrite, authority }: HTTPRewrite, found: Findings): void {
  if (uri && uriRegexRewrite) {
    found.error("rewrite may only contain one of URI or UriRegexRewrite", "remove one of the two");
    return;
  }
  if (!uri && !uriRegexRewrite && !authority) {
    found.error(
      "rewrite must specify at least one of URI, UriRegexRewrite, or authority. Only one of URI or UriRegexRewrite may be specified",
      "write uri or authority",
    );
    return;
  }
  if (uriRegexRewrite === undefined) return;
  const at = found.at("uriRegexRewrite");
  if (!uriRegexRewrite.match || !uriRegexRewrite.rewrite) {
    at.error("UriRegexRewrite requires both Rewrite and Match fields to be specified", "write match and rewrite");
  } else checkRegex(uriRegexRewrite.match, "HTTPRewrite.UriRegexRewrite.Match", at.at("match"));
}
