/**
 * Names in ALPN of HTTP that the server's proxy may pass on without reading it, by what its caller speaks. Who offers them has taken from its requests
 * what an application must not be told; a proxy that reads requests all the same knows none of them, and chooses among the usual names.
 */
export const unreadAlpn = { http1: "weft-http/1.1", http2: "weft-h2" } as const;

/** What a caller offers, the usual name last. */
export const offeredUnread = { http1: [unreadAlpn.http1, "http/1.1"], http2: [unreadAlpn.http2, "h2"] } as const;
