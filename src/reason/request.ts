/** A request, or with `path` absent a connection, as a proxy's policies see it. */
export interface Request {
  /** SPIFFE ID of the caller's verified certificate; absent for none. */
  readonly identity?: string;
  /** The caller's own address, of its connection. */
  readonly address: string;
  /** The same, or what trusted proxies before said. */
  readonly remoteAddress: string;
  readonly destination: { readonly address: string; readonly port: number };
  readonly serverName: string;
  readonly method?: string;
  /** With its query; normalised. */
  readonly path?: string;
  /** Names in lower case, `:authority`, `:method`, `:path` among them; several values of one name are several entries. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What other filters have left: filter → its values. */
  readonly metadata: Readonly<Record<string, unknown>>;
}
