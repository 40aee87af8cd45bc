/** A call that a workload is told to make. Times in milliseconds. */
export interface Order {
  /** SCHEME://HOST[:PORT][/PATH]; the path goes out as it is written. */
  readonly url: string;
  /** Where to connect, in place of the URL's host and port. */
  readonly connect?: { readonly host: string; readonly port: number };
  readonly method: string;
  /** A list is a header that is sent several times. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** Bytes of a body of zeros, in place of `body`. */
  readonly size?: number;
  readonly trailers?: Readonly<Record<string, string>>;
  readonly sni?: string;
  readonly alpn?: readonly string[];
  /** PEM. */
  readonly identity?: { readonly cert: string; readonly key: string };
  readonly ca?: string;
  readonly localAddress?: string;
  readonly timeout: number;
  /** Messages of a gRPC stream. */
  readonly messages: number;
  /** The same connection for all calls of a case, where the protocol allows it. */
  readonly keep: boolean;
}

/** What a workload says of a request that it got; it is the body of its answer. */
export interface Report {
  /** NAMESPACE/NAME. */
  readonly workload: string;
  readonly port: number;
  readonly protocol: string;
  readonly peer: string;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly trailers?: Readonly<Record<string, string>>;
  /** Bytes of the request's body, and its text where that is short. */
  readonly bytes: number;
  readonly body?: string;
  /** Of a TLS connection that the workload itself ended. */
  readonly sni?: string;
  readonly alpn?: string;
  readonly client?: string;
}

/** Why there was no answer. */
export type Failure = "refused" | "closed" | "timeout" | "no such host" | "tls" | "other";

/** What came of a call. */
export interface Outcome {
  readonly status?: number;
  readonly grpc?: number;
  readonly protocol?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly trailers?: Readonly<Record<string, string>>;
  /** Without that of a report. */
  readonly body?: string;
  readonly report?: Report;
  /** 100-continue came. */
  readonly continued?: boolean;
  readonly error?: Failure;
  /** The fault in the runtime's words. */
  readonly detail?: string;
  readonly tls?: {
    /** Names in the server's certificate, with its subject's. */
    readonly names: readonly string[];
    readonly protocol: string;
    readonly alpn: string;
    readonly trusted: boolean;
  };
  /** Messages that came back. */
  readonly messages?: number;
  readonly seconds: number;
}

/** What a request's `x-do` header asks of whoever answers it. */
export interface Manners {
  /** Only these workloads heed it. */
  readonly on?: string | readonly string[];
  /** How often; then it answers as usual. Counted for each case and workload. */
  readonly times?: number;
  readonly status?: number;
  readonly grpc?: number;
  /** Seconds before the answer begins. */
  readonly delay?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly trailers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of a body in place of the report. */
  readonly size?: number;
  /** Cut the connection in place of an answer. */
  readonly reset?: boolean;
}
