import type { XdsResource } from "./resource.ts";

// DeltaDiscoveryResponse and DiscoveryResponse are written here by hand so that the bytes of a resource are copied once for all
// streams; field numbers: https://github.com/envoyproxy/envoy/blob/v1.40.0/api/envoy/service/discovery/v3/discovery.proto.
// Fields of a protobuf message may come in any order: what differs from stream to stream goes first, then the shared body.

const VERSION = 0x0a; // Resource.version, DiscoveryResponse.version_info, ControlPlane.identifier, Any.type_url: field 1
const RESOURCES = 0x12; // resources, Resource.resource, Any.value: field 2
const NAME = 0x1a; // Resource.name: field 3
const TYPE_URL = 0x22; // field 4
const NONCE = 0x2a; // field 5
const REMOVED = 0x32; // DeltaDiscoveryResponse.removed_resources: field 6
const DELTA_CONTROL_PLANE = 0x3a; // field 7
const CONTROL_PLANE = 0x32; // DiscoveryResponse.control_plane: field 6

/** Up to this size head and body become one buffer: one write costs less than the copy. */
const JOIN_BYTES = 16 * 1024;

/** What is said in a response beside the resources. */
export interface ResponseHead {
  readonly typeUrl: string;
  readonly nonce: string;
  /** Who answers; Envoy shows it. */
  readonly controlPlane: string;
}

/** Resources as the `resources` field (Resource messages) of a DeltaDiscoveryResponse. */
export function encodeResources(typeUrl: string, resources: readonly XdsResource[]): Buffer {
  const typeLength = Buffer.byteLength(typeUrl);
  const sizes = resources.map((resource) => {
    const any = field(typeLength) + field(resource.body.length);
    const whole = field(Buffer.byteLength(resource.version)) + field(any) + field(Buffer.byteLength(resource.name));
    return { any, whole };
  });
  const out = new Writer(sizes.reduce((sum, size) => sum + field(size.whole), 0));
  resources.forEach((resource, index) => {
    const size = sizes[index] as { any: number; whole: number };
    out.header(RESOURCES, size.whole);
    out.string(VERSION, resource.version);
    out.header(RESOURCES, size.any);
    out.string(VERSION, typeUrl);
    out.bytes(RESOURCES, resource.body);
    out.string(NAME, resource.name);
  });
  return out.buffer;
}

/** Resources as the `resources` field (Any messages) of a DiscoveryResponse. */
export function encodeAnys(typeUrl: string, resources: readonly XdsResource[]): Buffer {
  const typeLength = Buffer.byteLength(typeUrl);
  const size = (resource: XdsResource) => field(typeLength) + field(resource.body.length);
  const out = new Writer(resources.reduce((sum, resource) => sum + field(size(resource)), 0));
  for (const resource of resources) {
    out.header(RESOURCES, size(resource));
    out.string(VERSION, typeUrl);
    out.bytes(RESOURCES, resource.body);
  }
  return out.buffer;
}

/** A DeltaDiscoveryResponse as a gRPC frame, in one or two buffers; the last may be `body` itself, so it must never be changed. */
export function deltaFrame(head: ResponseHead, removed: readonly string[], body: Buffer): Buffer[] {
  const lengths = [head.typeUrl, head.nonce, ...removed].map(stringField);
  const control = stringField(head.controlPlane);
  const out = new Writer(5 + lengths.reduce((sum, length) => sum + length, 0) + field(control));
  out.frame(out.buffer.length - 5 + body.length);
  out.string(TYPE_URL, head.typeUrl);
  out.string(NONCE, head.nonce);
  for (const name of removed) out.string(REMOVED, name);
  out.header(DELTA_CONTROL_PLANE, control);
  out.string(VERSION, head.controlPlane);
  return join(out.buffer, body);
}

/** A DiscoveryResponse as a gRPC frame; see `deltaFrame`. */
export function sotwFrame(head: ResponseHead, version: string, body: Buffer): Buffer[] {
  const control = stringField(head.controlPlane);
  const strings = stringField(version) + stringField(head.typeUrl) + stringField(head.nonce);
  const out = new Writer(5 + strings + field(control));
  out.frame(out.buffer.length - 5 + body.length);
  out.string(VERSION, version);
  out.string(TYPE_URL, head.typeUrl);
  out.string(NONCE, head.nonce);
  out.header(CONTROL_PLANE, control);
  out.string(VERSION, head.controlPlane);
  return join(out.buffer, body);
}

function join(head: Buffer, body: Buffer): Buffer[] {
  if (body.length === 0) return [head];
  return body.length <= JOIN_BYTES ? [Buffer.concat([head, body])] : [head, body];
}

/** Bytes of a length-delimited field with a tag of one byte. */
function field(length: number): number {
  let size = 2 + length;
  for (let rest = length; rest > 0x7f; rest = Math.floor(rest / 128)) size++;
  return size;
}

function stringField(text: string): number {
  return field(Buffer.byteLength(text));
}

/** Fills a buffer whose size was computed before. */
class Writer {
  readonly buffer: Buffer;
  #at = 0;

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size);
  }

  /** gRPC's prefix: not compressed, then the length. */
  frame(length: number): void {
    this.buffer[this.#at++] = 0;
    this.#at = this.buffer.writeUInt32BE(length, this.#at);
  }

  header(tag: number, length: number): void {
    this.buffer[this.#at++] = tag;
    let rest = length;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.buffer[this.#at++] = (rest % 128) + 128;
    this.buffer[this.#at++] = rest;
  }

  string(tag: number, text: string): void {
    this.header(tag, Buffer.byteLength(text));
    this.#at += this.buffer.write(text, this.#at);
  }

  bytes(tag: number, bytes: Uint8Array): void {
    this.header(tag, bytes.length);
    this.buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}
