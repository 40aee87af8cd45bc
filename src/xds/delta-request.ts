import { fromBinary } from "@bufbuild/protobuf";
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
} from "../gen/envoy/service/discovery/v3/discovery_pb.js";

const SUBSCRIBE = 0x1a; // DeltaDiscoveryRequest.resource_names_subscribe: field 3

/** Lists of names from this size on are remembered, in bytes. */
const WORTH_BYTES = 8 * 1024;
/** How many of them: proxies of a few kinds, with a few types each. */
const REMEMBERED = 16;

interface Known {
  readonly bytes: Buffer;
  readonly names: string[];
}

/**
 * Decodes a delta request. Proxies that see the same ask for the same thousands of names in the same order: such a list is decoded for the
 * first of them, the others get the very same array.
 */
export class DeltaRequestReader {
  readonly #known: Known[] = [];

  read(message: Uint8Array): DeltaDiscoveryRequest {
    if (message.length < WORTH_BYTES) return fromBinary(DeltaDiscoveryRequestSchema, message);
    const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    const run = longestRun(bytes);
    if (run === undefined || run.end - run.start < WORTH_BYTES) return fromBinary(DeltaDiscoveryRequestSchema, message);
    const rest = Buffer.concat([bytes.subarray(0, run.start), bytes.subarray(run.end)]);
    const request = fromBinary(DeltaDiscoveryRequestSchema, rest);
    const names = this.#names(bytes.subarray(run.start, run.end));
    request.resourceNamesSubscribe =
      request.resourceNamesSubscribe.length === 0 ? names : [...request.resourceNamesSubscribe, ...names];
    return request;
  }

  #names(bytes: Buffer): string[] {
    const at = this.#known.findIndex((known) => known.bytes.equals(bytes));
    const [found] = at < 0 ? [] : this.#known.splice(at, 1);
    const known = found ?? {
      bytes: Buffer.from(bytes),
      names: fromBinary(DeltaDiscoveryRequestSchema, bytes).resourceNamesSubscribe,
    };
    this.#known.unshift(known);
    this.#known.length = Math.min(this.#known.length, REMEMBERED);
    return known.names;
  }
}

/** Where names to subscribe to follow each other; undefined where the message is not such that it can be told. */
function longestRun(bytes: Buffer): { start: number; end: number } | undefined {
  let at = 0;
  let start: number | undefined;
  while (at < bytes.length) {
    const tag = bytes[at] as number;
    if (tag === SUBSCRIBE) start ??= at;
    else if (start !== undefined) return { start, end: at };
    // Fields 1 to 7 are all length-delimited; anything else is for the library to judge.
    if ((tag & 7) !== 2 || tag > 0x7f) return undefined;
    const length = varint(bytes, at + 1);
    if (length === undefined) return undefined;
    at = length.end + length.value;
  }
  return start === undefined || at !== bytes.length ? undefined : { start, end: at };
}

function varint(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, end: at };
  }
  return undefined;
}
