import type { BitReader, BitWriter } from "./bits.ts";

/** Numbers of a column: whole, from 0 to this. */
export const mostCount = 2 ** 30;

/** How a column is written: as distances from its mean, as it is, or as its few numbers that are not zero with the gaps before them. */
const around = 0;
const plain = 2;
const sparse = 3;

/** A column of whole numbers as bits, in whichever way is the shortest. The reader must know how many there are. */
export function putColumn(out: BitWriter, values: readonly number[]): void {
  if (values.length === 1) {
    out.gamma(values[0] ?? 0);
    return;
  }
  let sum = 0;
  let filled = 0;
  for (const value of values) {
    sum += value;
    if (value !== 0) filled++;
  }
  if (filled * 4 < values.length) {
    putSparse(out, values, filled);
    return;
  }
  const base = Math.round(sum / values.length);
  const distances = values.map((value) => zigzag(value - base));
  const k = widthOf(distances);
  const plainK = widthOf(values);
  if (costOf(values, plainK) <= costOf(distances, k) + 2 * Math.log2(base + 1)) {
    out.put(plain, 2);
    out.put(plainK, 5);
    for (const value of values) out.rice(value, plainK);
    return;
  }
  out.put(around, 1);
  out.put(k, 5);
  out.gamma(base);
  for (const value of distances) out.rice(value, k);
}

/** The reverse, of `count` numbers. What is broken gives numbers, too: whoever reads looks whether the reader is over. */
export function takeColumn(from: BitReader, count: number): number[] {
  if (count === 1) return [from.gamma()];
  if (from.take(1) === around) {
    const k = from.take(5);
    const base = from.gamma();
    const values: number[] = [];
    for (let i = 0; i < count; i++) values.push(base + unzigzag(from.rice(k)));
    return values;
  }
  if (from.take(1) === 1) return takeSparse(from, count);
  const k = from.take(5);
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(from.rice(k));
  return values;
}

function putSparse(out: BitWriter, values: readonly number[], filled: number): void {
  out.put(sparse, 2);
  out.gamma(filled);
  if (filled === 0) return;
  const k = Math.max(0, Math.floor(Math.log2((values.length / filled) * 0.7)));
  out.put(k, 5);
  let gap = 0;
  for (const value of values) {
    if (value === 0) {
      gap++;
      continue;
    }
    out.rice(gap, k);
    out.gamma(value - 1);
    gap = 0;
  }
}

function takeSparse(from: BitReader, count: number): number[] {
  const values = new Array<number>(count).fill(0);
  const filled = from.gamma();
  if (filled === 0) return values;
  const k = from.take(5);
  for (let i = 0, at = 0; i < filled && at < count; i++, at++) {
    at += from.rice(k);
    if (at < count) values[at] = from.gamma() + 1;
  }
  return values;
}

/** The Rice parameter that suits numbers best, nearly. */
function widthOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  return mean < 1 ? 0 : Math.min(24, Math.max(0, Math.floor(Math.log2(mean * 0.7 + 0.5))));
}

function costOf(values: readonly number[], k: number): number {
  const scale = 2 ** -k;
  let bits = 0;
  for (const value of values) bits += Math.min(56, Math.floor(value * scale) + 1 + k);
  return bits;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
