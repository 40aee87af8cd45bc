// The little of protobuf that gateway_api_conformance.echo_basic.grpcecho.GrpcEcho needs: EchoResponse { assertions = 1 } with
// EchoAssertions { fully_qualified_method = 1, context = 4 { namespace = 1, pod = 4 } }.
const service = "/gateway_api_conformance.echo_basic.grpcecho.GrpcEcho/";

function text(number, value) {
  return message(number, Buffer.from(value));
}

function message(number, bytes) {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(value) {
  return value < 128 ? Buffer.from([value]) : Buffer.concat([Buffer.from([(value & 127) | 128]), varint(value >> 7)]);
}

/** A gRPC frame with the answer to a call, or undefined for a method that the service does not have. */
export function echoReply(path, { namespace, pod }) {
  if (!["Echo", "EchoTwo"].includes(path.slice(service.length)) || !path.startsWith(service)) return undefined;
  const context = Buffer.concat([text(1, namespace), text(4, pod)]);
  return frame(message(1, Buffer.concat([text(1, path), message(4, context)])));
}

/** A message as gRPC frames it. */
export function frame(bytes) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** `{namespace, pod}` of such a frame. */
export function replyOf(bytes) {
  const fields = (data) => {
    const found = new Map();
    for (let at = 0; at < data.length; ) {
      const number = data[at++] >> 3;
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = data[at++];
        length |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      found.set(number, data.subarray(at, at + length));
      at += length;
    }
    return found;
  };
  const context = fields(fields(fields(bytes.subarray(5)).get(1)).get(4));
  return { namespace: context.get(1)?.toString() ?? "", pod: context.get(4)?.toString() ?? "" };
}
