import { crc32 } from "node:zlib";
import { BitReader, BitWriter } from "./bits.ts";
import { putColumn, takeColumn } from "./column.ts";

/** Series whose numbers stand together: ids `shard * shardSize` and following. */
export const shardSize = 256;

/** What the numbers of a series are: a count; a sum of something measured, as `amountCode`s; a histogram. */
export type Kind = "count" | "amount" | "histogram";

/** Numbers of one series, for each time of its block one in each column. */
export interface Cells {
  readonly kind: Kind;
  /** Of a histogram: the bucket that the first column is of. Columns are buckets, the last the codes of the sums. */
  readonly lowest: number;
  readonly columns: readonly (readonly number[])[];
}

/** What the series of a shard gained at some times. A series that gained nothing at any of them is not there. */
export interface Block {
  /** Milliseconds since the epoch, ascending. At least one. */
  readonly times: readonly number[];
  /** By the last part of the series' id (`id % shardSize`). */
  readonly series: ReadonlyMap<number, Cells>;
}

/** A block as bytes: CRC-32, times, which series there are, and their columns as bits. */
export function encodeBlock(block: Block): Uint8Array {
  const out = new BitWriter();
  const { times, series } = block;
  out.gamma(times.length);
  times.forEach((t, i) => {
    const since = i === 0 ? t : t - (times[i - 1] ?? 0);
    out.gamma(Math.floor(since / 2 ** 24));
    out.put((since % 2 ** 24) >>> 12, 12);
    out.put(since % 2 ** 12, 12);
  });
  const sorted = [...series].sort(([a], [b]) => a - b);
  out.gamma(sorted.length);
  let next = 0;
  for (const [id, cells] of sorted) {
    out.gamma(id - next);
    next = id + 1;
    putCells(out, cells);
  }
  const bits = out.finish();
  const bytes = new Uint8Array(4 + bits.length);
  bytes.set(bits, 4);
  new DataView(bytes.buffer).setUint32(0, crc32(bits));
  return bytes;
}

/** The reverse, of all series or some. Undefined where the bytes are not what was written. */
export function decodeBlock(bytes: Uint8Array, wanted?: ReadonlySet<number>): Block | undefined {
  if (bytes.length < 5) return undefined;
  const bits = bytes.subarray(4);
  if (crc32(bits) !== new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)) return undefined;
  const from = new BitReader(bits);
  const times: number[] = [];
  const count = from.gamma();
  for (let i = 0; i < count && !from.isOver; i++) {
    const since = from.gamma() * 2 ** 24 + from.take(12) * 2 ** 12 + from.take(12);
    times.push(since + (times.at(-1) ?? 0));
  }
  const series = new Map<number, Cells>();
  const present = from.gamma();
  let id = 0;
  for (let i = 0; i < present && !from.isOver; i++, id++) {
    id += from.gamma();
    const cells = takeCells(from, times.length);
    if (cells !== undefined && (wanted === undefined || wanted.has(id))) series.set(id, cells);
  }
  return from.isOver || times.length === 0 ? undefined : { times, series };
}

function putCells(out: BitWriter, { kind, lowest, columns }: Cells): void {
  if (kind === "count") out.put(0, 1);
  else out.put(kind === "amount" ? 2 : 3, 2);
  if (kind === "histogram") {
    out.gamma(lowest);
    out.gamma(columns.length);
  }
  for (const column of columns) putColumn(out, column);
}

/** Columns that one histogram may have: more are a broken block. */
const mostColumns = 10_000;

function takeCells(from: BitReader, times: number): Cells | undefined {
  if (from.take(1) === 0) return { kind: "count", lowest: 0, columns: [takeColumn(from, times)] };
  if (from.take(1) === 0) return { kind: "amount", lowest: 0, columns: [takeColumn(from, times)] };
  const lowest = from.gamma();
  const width = from.gamma();
  if (width > mostColumns) return undefined;
  const columns: number[][] = [];
  for (let i = 0; i < width && !from.isOver; i++) columns.push(takeColumn(from, times));
  return { kind: "histogram", lowest, columns };
}
