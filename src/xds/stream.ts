import { constants, type ServerHttp2Stream } from "node:http2";
import { create } from "@bufbuild/protobuf";
import { type Node, NodeSchema } from "../gen/envoy/config/core/v3/base_pb.js";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { DeltaExchange } from "./delta-exchange.ts";
import { type Exchange, type StreamPort, TooMuch } from "./exchange.ts";
import { FrameReader } from "./frames.ts";
import { GRPC, hangUp, type Refusal, statusTrailers } from "./grpc.ts";
import type { AckState, ProxyConfig } from "./resource.ts";
import type { Protocol, Session, SessionEvents, TypeStatus } from "./session.ts";
import type { Shelf } from "./shelf.ts";
import { SotwExchange } from "./sotw-exchange.ts";

/** Longest request that is read: a client of 20,000 resources names them all when it connects again. */
const REQUEST_LIMIT = 16 * 1024 * 1024;
/** A request that has begun is whole within this time, or its stream ends. */
const WHOLE_WITHIN_MS = 30_000;
/** A stream says who it is within this time, or ends. */
const FIRST_REQUEST_MS = 30_000;

/** A peer has this long to read a stream's end. */
const LAST_WORD_MS = 5_000;

/** What a stream is given. */
export interface StreamContext<Peer> extends SessionEvents<Peer> {
  readonly id: number;
  readonly peer: Peer;
  readonly protocol: Protocol;
  readonly remoteAddress: string;
  readonly controlPlane: string;
  /** Where requests lie that are not whole yet. */
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly log: Log;
  open(session: Session<Peer>): Refusal | undefined;
}

/** One authenticated gRPC stream: bytes in, frames out, back-pressure, and its end. */
export class XdsStream<Peer> implements Session<Peer>, StreamPort {
  readonly #context: StreamContext<Peer>;
  readonly #stream: ServerHttp2Stream;
  readonly #frames: FrameReader;
  readonly #exchange: Exchange;
  readonly #openedAt: number;
  readonly #stopWaiting: () => void;
  /** Ends the wait for the rest of a request. */
  #stopPatience: (() => void) | undefined;
  #node: Node | undefined;
  #opened = false;
  #ended: string | undefined;
  #draining = false;
  /** While a request is taken in, what it causes is sent once, at its end. */
  #busy = false;

  constructor(stream: ServerHttp2Stream, context: StreamContext<Peer>) {
    this.#context = context;
    this.#stream = stream;
    this.#frames = new FrameReader(REQUEST_LIMIT, context.shelf);
    this.#openedAt = context.clock.now();
    this.#exchange = context.protocol.variant === "delta" ? new DeltaExchange(this) : new SotwExchange(this);
    this.#stopWaiting = context.clock.after(FIRST_REQUEST_MS, () =>
      this.end({ status: GRPC.deadlineExceeded, message: "no request came; send one with a node" }),
    );
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
    stream.on("end", () => this.end({ status: GRPC.ok, message: "" }, "the proxy ended the stream"));
    stream.on("drain", () => this.#drained());
    stream.on("close", () => this.#close("the connection closed"));
  }

  get id(): number {
    return this.#context.id;
  }

  get node(): Node {
    return this.#node ?? create(NodeSchema);
  }

  get peer(): Peer {
    return this.#context.peer;
  }

  get protocol(): Protocol {
    return this.#context.protocol;
  }

  get remoteAddress(): string {
    return this.#context.remoteAddress;
  }

  get openedAt(): number {
    return this.#openedAt;
  }

  get settled(): boolean {
    return this.#exchange.settled();
  }

  push(config: ProxyConfig): void {
    if (this.#ended !== undefined) return;
    this.#exchange.push(config);
    if (!this.#busy) this.#exchange.flush();
  }

  subscriptions(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#exchange.subscriptions();
  }

  status(): readonly TypeStatus[] {
    return this.#exchange.status();
  }

  resource(typeUrl: string, name: string): AckState | undefined {
    return this.#exchange.resource(typeUrl, name);
  }

  close(message: string): void {
    this.end({ status: GRPC.unavailable, message });
  }

  /** Ends the stream, and says on its connection that no other should be opened there. */
  leave(message: string): void {
    this.#stream.session?.close();
    this.close(message);
  }

  /** Ends the stream with a status. */
  end(refusal: Refusal, reason = refusal.message): void {
    if (this.#ended !== undefined) return;
    const stream = this.#stream;
    if (!stream.destroyed) {
      stream.once("wantTrailers", () => {
        stream.sendTrailers(statusTrailers(refusal));
        hangUp(stream);
      });
      stream.end();
      // A peer that does not read would keep what is written for ever.
      const cancel = this.#context.clock.after(LAST_WORD_MS, () => stream.close(constants.NGHTTP2_CANCEL));
      stream.once("close", cancel);
      // The rest of what the peer sends is of no interest, but must not fill the connection's window.
      stream.resume();
    }
    this.#close(reason);
  }

  get ready(): boolean {
    return !this.#draining && this.#ended === undefined;
  }

  get controlPlane(): string {
    return this.#context.controlPlane;
  }

  now(): number {
    return this.#context.clock.now();
  }

  after(ms: number, run: () => void): () => void {
    return this.#context.clock.after(ms, run);
  }

  write(frame: readonly Buffer[]): void {
    this.#stream.cork();
    for (const buffer of frame) if (!this.#stream.write(buffer)) this.#draining = true;
    this.#stream.uncork();
  }

  subscribed(typeUrl: string, names: readonly string[]): void {
    this.#context.onSubscribe?.(this, typeUrl, names);
  }

  unsubscribed(typeUrl: string, names: readonly string[]): void {
    this.#context.onUnsubscribe?.(this, typeUrl, names);
  }

  acked(ack: Parameters<StreamPort["acked"]>[0]): void {
    this.#context.onAck?.(this, ack);
  }

  nacked(nack: Parameters<StreamPort["nacked"]>[0]): void {
    this.#context.onNack?.(this, nack);
  }

  #take(chunk: Buffer): void {
    if (this.#ended !== undefined) return;
    const messages = this.#frames.push(chunk);
    if (!Array.isArray(messages)) {
      this.end(messages);
      return;
    }
    this.#awaitRest(messages.length > 0);
    this.#busy = true;
    try {
      for (const message of messages) if (this.#ended === undefined) this.#receive(message);
    } finally {
      this.#busy = false;
    }
    if (this.#ended === undefined && this.#opened) this.#exchange.flush();
  }

  /** Who sends byte by byte holds memory for as long as it likes, unless there is an end to it. */
  #awaitRest(whole: boolean): void {
    if (whole || !this.#frames.begun) {
      this.#stopPatience?.();
      this.#stopPatience = undefined;
    }
    if (!this.#frames.begun) return;
    this.#stopPatience ??= this.#context.clock.after(WHOLE_WITHIN_MS, () =>
      this.end({ status: GRPC.deadlineExceeded, message: "a request took too long to arrive" }),
    );
  }

  #receive(message: Buffer): void {
    let request: ReturnType<Exchange["read"]>;
    try {
      request = this.#exchange.read(message);
    } catch (error) {
      this.end({
        status: GRPC.invalidArgument,
        message: `this is not a discovery request: ${(error as Error).message}`,
      });
      return;
    }
    // A fault of ours on one stream must not take the others with it.
    try {
      if (!this.#opened) this.#open(request.node);
      if (this.#ended === undefined) request.apply();
    } catch (error) {
      if (error instanceof TooMuch) {
        this.end({ status: GRPC.resourceExhausted, message: error.message });
        return;
      }
      this.#context.log.error("xDS request failed", {
        id: this.id,
        node: this.#node?.id,
        error: (error as Error).stack,
      });
      this.end({ status: GRPC.internal, message: "the control plane failed on this request; its log says why" });
    }
  }

  #open(node: Node | undefined): void {
    if (!node?.id) {
      this.end({ status: GRPC.invalidArgument, message: "the first request has no node; send node.id" });
      return;
    }
    this.#stopWaiting();
    this.#node = node;
    this.#opened = true;
    const refusal = this.#context.open(this);
    if (refusal) {
      this.#opened = false;
      this.end(refusal);
    }
  }

  #drained(): void {
    this.#draining = false;
    if (this.#ended === undefined) this.#exchange.flush();
  }

  #close(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#stopWaiting();
    this.#stopPatience?.();
    this.#frames.drop();
    this.#exchange.stop();
    this.#context.log.debug("xDS stream ended", { id: this.id, node: this.#node?.id, reason });
    if (this.#opened) this.#context.onClose?.(this, reason);
    this.#opened = false;
  }
}
