import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where Gateway API's conformance cases are, when they are. */
export const folder = join(import.meta.dirname, "../../../../shared/conformance/gateway-api");
export const isHere = existsSync(join(folder, "cases.json"));

/** One test of Gateway API's suite. */
export interface Case {
  readonly id: string;
  readonly needs: "mesh" | "gateway";
  readonly manifests: readonly string[];
  readonly base: string;
  readonly steps: readonly Step[];
}

export type Step = HttpStep | GrpcStep | TlsStep | ByteStep | MutateStep | StatusStep;

/** `assert` is the helper of the suite that looks at conditions, `args` what it is given. */
export interface StatusStep {
  readonly kind: "status";
  readonly assert: string;
  readonly args: unknown;
}

export interface GrpcStep {
  readonly kind: "grpc";
  readonly via: string;
  readonly args: {
    readonly expected: {
      readonly Backend?: string;
      readonly Namespace?: string;
      readonly Response: { readonly Code?: number };
    };
  };
}

/** `fn` is the function of the suite's harness. */
export interface TlsStep {
  readonly kind: "tls";
  readonly fn: string;
  readonly args: {
    readonly gwAddr: string;
    readonly serverName?: string;
    readonly clientCertificate?: string;
    readonly expected?: {
      readonly Request: { readonly Host: string; readonly Path: string; readonly Protocol?: string };
      readonly Response: { readonly StatusCode?: number; readonly StatusCodes?: readonly number[] };
      readonly Backend?: string;
      readonly Namespace?: string;
    };
  };
}

export interface ByteStep {
  readonly kind: "tcp" | "udp";
  readonly args: {
    readonly gwAddr: string;
    readonly serverName?: string;
    readonly useTLS?: boolean;
    readonly expected: { readonly Backend?: string; readonly Service?: string; readonly BackendIsTLS?: boolean };
  };
}

/** An object of the case is taken away. */
export interface MutateStep {
  readonly kind: "mutate";
  readonly op: "delete";
  readonly object: { readonly metadata: { readonly name: string; readonly namespace: string } };
}

export interface HttpStep {
  readonly kind: "http";
  /** `gateway(NAMESPACE/NAME)` or `pod(LABEL=VALUE,... in NAMESPACE)`. */
  readonly via: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly host?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly protocol?: string;
    readonly sni?: string;
  };
  readonly backendSetResponseHeaders?: Readonly<Record<string, string>>;
  readonly expect: HttpExpectation;
  readonly name: string;
}

export interface HttpExpectation {
  readonly status?: readonly number[];
  readonly backend?: string;
  readonly backendNamespace?: string;
  readonly redirect?: Readonly<Record<"Scheme" | "Host" | "Port" | "Path", string | undefined>>;
  readonly backendRequest?: {
    readonly path?: string;
    readonly host?: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly absentHeaders?: readonly string[];
  };
  readonly response?: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly absentHeaders?: readonly string[];
    readonly validHeaderValues?: Readonly<Record<string, readonly string[]>>;
    readonly ignoreWhitespace?: boolean;
  };
  readonly connectionFailure?: boolean;
}

export function cases(): readonly Case[] {
  if (!isHere) return [];
  return (JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")) as { cases: Case[] }).cases;
}
