import type { Node } from "../gen/envoy/config/core/v3/base_pb.js";
import type { AckState, ProxyConfig, XdsResource } from "./resource.ts";

/** How a stream was opened: the aggregated service or secrets alone, incremental or state of the world. */
export interface Protocol {
  readonly service: "ads" | "sds";
  readonly variant: "delta" | "sotw";
}

/** How far one type has come on one stream. */
export interface TypeStatus {
  readonly typeUrl: string;
  readonly wildcard: boolean;
  /** How many names were asked for. */
  readonly names: number;
  /** `synced`: all that should be there was sent and taken; `sending`: not yet; `rejected`: all the rest was, these were not. */
  readonly state: "synced" | "sending" | "rejected";
  readonly rejected: readonly { readonly resource: XdsResource; readonly error: string; readonly running: string }[];
  /** Milliseconds since the epoch; absent before the first. */
  readonly lastSentAt?: number;
  readonly lastAckAt?: number;
}

/** One stream of one proxy. */
export interface Session<Peer> {
  /** Counts up over the life of the server. */
  readonly id: number;
  readonly node: Node;
  readonly peer: Peer;
  readonly protocol: Protocol;
  readonly remoteAddress: string;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  /** What the proxy shall have from now on; only what differs is sent, and a slow stream is sent the newest alone. */
  push(config: ProxyConfig): void;
  /** Types that were asked for, with the names; a wildcard is the name `*`. */
  subscriptions(): ReadonlyMap<string, ReadonlySet<string>>;
  status(): readonly TypeStatus[];
  /** What the proxy said of one resource; undefined when it was never sent there, or is gone. */
  resource(typeUrl: string, name: string): AckState | undefined;
  /** Whether everything asked for was sent and answered. */
  readonly settled: boolean;
  /** Ends the stream; the proxy connects again by itself. */
  close(message: string): void;
}

/** A proxy took what a response held. */
export interface Ack {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly XdsResource[];
  readonly removed: readonly string[];
}

/** A proxy refused a response. */
export interface Nack {
  readonly typeUrl: string;
  readonly nonce: string;
  /** Those that the response held; its `origins` say which configuration they came from. */
  readonly resources: readonly XdsResource[];
  /** The proxy's own words. */
  readonly error: string;
  /** True when there was one resource alone, so that it is the bad one; else the parts are sent again to find it. */
  readonly isolated: boolean;
}

/** What the owner of the sessions wants to hear. */
export interface SessionEvents<Peer> {
  /** Names asked for now (`*` for everything). A push from inside is still part of the answer. */
  onSubscribe?(session: Session<Peer>, typeUrl: string, names: readonly string[]): void;
  onUnsubscribe?(session: Session<Peer>, typeUrl: string, names: readonly string[]): void;
  onAck?(session: Session<Peer>, ack: Ack): void;
  onNack?(session: Session<Peer>, nack: Nack): void;
  onClose?(session: Session<Peer>, reason: string): void;
}
