/** HTTP/2 frames written by hand, as no library would: https://www.rfc-editor.org/rfc/rfc9113.html#name-frame-definitions. */

export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

const kinds = { data: 0, headers: 1, priority: 2, reset: 3, settings: 4, ping: 6, window: 8, continuation: 9 } as const;
export const flags = { none: 0, endStream: 1, endHeaders: 4 } as const;

/** One frame of a kind on a stream. */
export function frame(
  kind: keyof typeof kinds,
  stream: number,
  payload: Uint8Array,
  flag: number = flags.none,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = kinds[kind];
  head[4] = flag;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** SETTINGS with one value, or none. */
export function settings(...values: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * values.length);
  for (const [index, [id, value]] of values.entries()) {
    payload.writeUInt16BE(id, 6 * index);
    payload.writeUInt32BE(value, 6 * index + 2);
  }
  return frame("settings", 0, payload);
}

/** A header field in HPACK, not compressed and not indexed; `index` puts it into the dynamic table. */
export function field(name: string, value: string, index = false): Buffer {
  return Buffer.concat([Buffer.from([index ? 0x40 : 0x00]), text(name), text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([integer(bytes.length, 7), bytes]);
}

function integer(value: number, bits: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.from([value]);
  const bytes = [most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/** The header block of a gRPC call. */
export function call(path: string, token?: string): Buffer {
  return Buffer.concat([
    field(":method", "POST"),
    field(":scheme", "http"),
    field(":path", path),
    field(":authority", "weft"),
    field("content-type", "application/grpc"),
    ...(token === undefined ? [] : [field("authorization", `Bearer ${token}`)]),
  ]);
}
