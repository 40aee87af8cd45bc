import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from "../gen/envoy/service/discovery/v3/discovery_pb.js";
import { DeltaExchange } from "./delta-exchange.ts";
import type { StreamPort } from "./exchange.ts";
import type { ResourceSet, XdsResource } from "./resource.ts";
import type { Ack, Nack } from "./session.ts";

/** A resource whose body is its text. */
export function resource(name: string, text: string): XdsResource {
  return { name, version: `v-${text}`, body: Buffer.from(text), origins: [`${name}.yaml:1:1`] };
}

export function setOf(resources: Record<string, string>, onDemand?: Record<string, string>): ResourceSet {
  const map = (all: Record<string, string>) =>
    new Map(Object.entries(all).map(([name, text]): [string, XdsResource] => [name, resource(name, text)]));
  return onDemand ? { resources: map(resources), onDemand: map(onDemand) } : { resources: map(resources) };
}

/** The other end of a delta exchange, without a network: frames are decoded by protobuf's own reader. */
export class FakePort implements StreamPort {
  ready = true;
  controlPlane = "test";
  time = 0;
  readonly timers = new Set<{ at: number; run: () => void }>();
  readonly responses: DeltaDiscoveryResponse[] = [];
  readonly acks: Ack[] = [];
  readonly nacks: Nack[] = [];
  readonly asked: [string, readonly string[]][] = [];
  onAsked: (typeUrl: string, names: readonly string[]) => void = () => {};

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  advance(ms: number): void {
    this.time += ms;
    for (const timer of [...this.timers]) {
      if (timer.at > this.time || !this.timers.delete(timer)) continue;
      timer.run();
    }
  }

  write(frame: readonly Buffer[]): void {
    const bytes = Buffer.concat(frame);
    if (bytes[0] !== 0 || bytes.readUInt32BE(1) !== bytes.length - 5) throw new Error("bad frame");
    this.responses.push(fromBinary(DeltaDiscoveryResponseSchema, bytes.subarray(5)));
  }

  subscribed(typeUrl: string, names: readonly string[]): void {
    this.asked.push([typeUrl, names]);
    this.onAsked(typeUrl, names);
  }

  unsubscribed(): void {}

  acked(ack: Ack): void {
    this.acks.push(ack);
  }

  nacked(nack: Nack): void {
    this.nacks.push(nack);
  }
}

export interface RequestFields {
  typeUrl: string;
  subscribe?: string[];
  unsubscribe?: string[];
  versions?: Record<string, string>;
  nonce?: string;
  error?: string;
}

export function encodeRequest(fields: RequestFields): Uint8Array {
  return toBinary(
    DeltaDiscoveryRequestSchema,
    create(DeltaDiscoveryRequestSchema, {
      typeUrl: fields.typeUrl,
      node: { id: "node" },
      resourceNamesSubscribe: fields.subscribe ?? [],
      resourceNamesUnsubscribe: fields.unsubscribe ?? [],
      initialResourceVersions: fields.versions ?? {},
      responseNonce: fields.nonce ?? "",
      ...(fields.error === undefined ? {} : { errorDetail: { code: 13, message: fields.error } }),
    }),
  );
}

export function request(exchange: DeltaExchange, fields: RequestFields): void {
  exchange.read(encodeRequest(fields)).apply();
  exchange.flush();
}

export function newExchange(): { port: FakePort; exchange: DeltaExchange } {
  const port = new FakePort();
  return { port, exchange: new DeltaExchange(port) };
}
