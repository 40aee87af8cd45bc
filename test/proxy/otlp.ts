import { fromBinary } from "@bufbuild/protobuf";
import { type KeyValue, KeyValueSchema } from "../../src/gen/opentelemetry/proto/common/v1/common_pb.js";

/** A span as a collector gets it. */
export interface Span {
  /** In hexadecimal. */
  readonly traceId: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What is told of the proxy. */
  readonly resource: Readonly<Record<string, string>>;
}

/** Spans of an ExportTraceServiceRequest. Source: opentelemetry-proto, trace/v1/trace.proto: only the fields that are read here. */
export function spansOf(request: Buffer): readonly Span[] {
  return parts(request, 1).flatMap((resourceSpans) => {
    const resource = told(parts(resourceSpans, 1).flatMap((found) => parts(found, 1)));
    return parts(resourceSpans, 2)
      .flatMap((scopeSpans) => parts(scopeSpans, 2))
      .map((span) => ({
        traceId: parts(span, 1)[0]?.toString("hex") ?? "",
        tags: told(parts(span, 9)),
        resource,
      }));
  });
}

function told(all: readonly Buffer[]): Readonly<Record<string, string>> {
  const pairs: KeyValue[] = all.map((each) => fromBinary(KeyValueSchema, each));
  return Object.fromEntries(pairs.map(({ key, value }) => [key, String(value?.value.value)]));
}

/** Values of a field whose values have a length; the others are passed over. */
function parts(message: Buffer, field: number): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < message.length; ) {
    const [tag, afterTag] = varint(message, at);
    const kind = tag & 7;
    if (kind === 0) at = varint(message, afterTag)[1];
    else if (kind === 1) at = afterTag + 8;
    else if (kind === 5) at = afterTag + 4;
    else {
      const [length, start] = varint(message, afterTag);
      at = start + length;
      if (tag >> 3 === field) found.push(message.subarray(start, at));
    }
  }
  return found;
}

/** A number of at most 32 bits (more is cut), and where the next thing begins. */
function varint(message: Buffer, from: number): [number, number] {
  let value = 0;
  for (let at = from, shift = 0; ; at++, shift += 7) {
    const byte = message[at] ?? 0;
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value >>> 0, at + 1];
  }
}
