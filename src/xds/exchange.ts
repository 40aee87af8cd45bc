import type { Node } from "../gen/envoy/config/core/v3/base_pb.js";
import type { AckState, ProxyConfig } from "./resource.ts";
import type { Ack, Nack, TypeStatus } from "./session.ts";

/** What an exchange needs of the stream that it runs on. */
export interface StreamPort {
  /** Whether the peer has taken what was written before; nothing is sent while it has not. */
  readonly ready: boolean;
  /** Who answers; Envoy shows it. */
  readonly controlPlane: string;
  now(): number;
  after(ms: number, run: () => void): () => void;
  write(frame: readonly Buffer[]): void;
  subscribed(typeUrl: string, names: readonly string[]): void;
  unsubscribed(typeUrl: string, names: readonly string[]): void;
  acked(ack: Ack): void;
  nacked(nack: Nack): void;
}

/** One variant of the protocol on one stream. */
export interface Exchange {
  /** Decodes a request; throws when it is not one. `apply` takes it in. */
  read(message: Uint8Array): { readonly node: Node | undefined; apply(): void };
  push(config: ProxyConfig): void;
  /** Sends what may be sent now. */
  flush(): void;
  subscriptions(): ReadonlyMap<string, ReadonlySet<string>>;
  status(): readonly TypeStatus[];
  resource(typeUrl: string, name: string): AckState | undefined;
  settled(): boolean;
  stop(): void;
}

/** How long an unanswered response holds up what depends on it. Envoy answers for clusters when they are warm, at worst after 15 s. */
export const PATIENCE_MS = 2_000;

/** Thrown by a request that asks for more than one stream may hold; its message is for the peer. */
export class TooMuch extends Error {}

/** Types of resources on one stream; Envoy asks for less than a dozen. */
export const MOST_TYPES = 40;
