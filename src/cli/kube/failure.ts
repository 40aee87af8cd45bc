import { KubernetesError } from "../../kubernetes/error.ts";
import { CliError, type ExitCode, exitCodes } from "../exit.ts";

/** Whom was asked: for the words of an error. */
export interface AskedCluster {
  readonly context: string;
  readonly server: string;
}

/** Node's codes of a certificate that is not trusted. */
const untrusted = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
]);

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "it closed the connection",
  ENOTFOUND: "its name does not resolve",
  EAI_AGAIN: "its name does not resolve",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "no connection in time",
};

/** What an API server's refusal, or its silence, means to who typed the command. Anything else is passed on. */
export function clusterFailure(error: unknown, asked: AskedCluster): unknown {
  if (!(error instanceof KubernetesError)) return error;
  if (error.code === 0) return noAnswer(error, asked);
  if (error.code === 401)
    return new CliError(
      exitCodes.denied,
      `the API server at ${asked.server} does not accept the credentials of context ${asked.context}: ${lower(error.message)}`,
      "a token or a certificate may have expired: log in again, or choose another --context",
    );
  if (error.code === 403) return new CliError(exitCodes.denied, error.message, missingRight(error.message));
  return new CliError(codeOf(error), error.message);
}

function noAnswer(error: KubernetesError, { context, server }: AskedCluster): CliError {
  const why = /\(([^()]*)\)$/.exec(error.message)?.[1] ?? error.message;
  if (untrusted.has(why))
    return new CliError(
      exitCodes.unreachable,
      `the API server at ${server} shows a certificate that the kubeconfig's authority did not sign (${why})`,
      `check certificate-authority-data of context ${context}, or fetch the kubeconfig anew`,
    );
  if (why === "ERR_TLS_CERT_ALTNAME_INVALID" || why === "CERT_HAS_EXPIRED") {
    const what = why === "CERT_HAS_EXPIRED" ? "has expired" : "is for another name";
    return new CliError(exitCodes.unreachable, `the certificate of the API server at ${server} ${what}`);
  }
  if (why === "no answer in time")
    return new CliError(
      exitCodes.timeout,
      `the API server at ${server} did not answer in time`,
      "give it more time with --timeout",
    );
  if (why === "ENOENT")
    return new CliError(
      exitCodes.unreachable,
      `the command by which context ${context} gets its credentials is not there`,
      "install it, or choose another --context",
    );
  return new CliError(
    exitCodes.unreachable,
    `no API server at ${server} (${unreachable[why] ?? why}), which context ${context} names`,
    "is the cluster running, and this machine in its network? Other clusters: --context, --kubeconfig. A mesh on this machine: weft up DIR",
  );
}

/** The command that shows the right which a refusal names: `cannot list resource "pods" in API group "" in the namespace "x"`. */
function missingRight(message: string): string {
  const parts =
    /cannot (\w+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)"| at the cluster scope)?/.exec(
      message,
    );
  if (parts === null) return "ask whoever runs the cluster for this right, or use another --context";
  const [, verb, resource, group, namespace] = parts;
  const what = `${resource}${group === "" ? "" : `.${group}`}`;
  const scope = namespace === undefined ? "" : ` in namespace ${namespace}`;
  const flag = namespace === undefined ? "-A" : `-n ${namespace}`;
  return `the right to ${verb} ${what}${scope} is missing: have it granted (kubectl auth can-i ${verb} ${what} ${flag} says when it is there)`;
}

function codeOf(error: KubernetesError): ExitCode {
  if (error.code === 404) return exitCodes.notFound;
  if (error.code === 409) return exitCodes.conflict;
  if (error.code === 400 || error.code === 413 || error.code === 422) return exitCodes.badData;
  if (error.code === 504) return exitCodes.timeout;
  return error.code >= 500 ? exitCodes.unreachable : exitCodes.unexpected;
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
