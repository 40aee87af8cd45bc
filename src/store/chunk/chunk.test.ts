import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { amountCode, amountOf } from "./amount.ts";
import { BitReader, BitWriter } from "./bits.ts";
import { type Block, type Cells, decodeBlock, encodeBlock, shardSize } from "./chunk.ts";
import { mostCount, putColumn, takeColumn } from "./column.ts";
import { joined, summed, until } from "./merge.ts";

const start = 1_700_000_040_000;

/** Counts of all sizes, zeros and small ones above all. */
const count = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.nat({ max: 40 }) },
  { weight: 1, arbitrary: fc.nat({ max: mostCount }) },
);

function cells(times: number): fc.Arbitrary<Cells> {
  const column = fc.array(count, { minLength: times, maxLength: times });
  return fc.oneof(
    fc.record({ kind: fc.constantFrom("count", "amount"), lowest: fc.constant(0), columns: fc.tuple(column) }),
    fc.record({
      kind: fc.constant("histogram" as const),
      lowest: fc.nat({ max: 18 }),
      columns: fc.array(column, { minLength: 1, maxLength: 20 }),
    }),
  );
}

const block: fc.Arbitrary<Block> = fc.array(fc.nat({ max: 60_000 }), { minLength: 1, maxLength: 40 }).chain((gaps) =>
  fc
    .uniqueArray(fc.tuple(fc.nat({ max: shardSize - 1 }), cells(gaps.length)), {
      selector: ([id]) => id,
      maxLength: 12,
    })
    .map((series) => {
      let t = start;
      const times = gaps.map((gap) => (t += gap));
      return { times, series: new Map(series.sort(([a], [b]) => a - b)) };
    }),
);

test("numbers of any width give back what was written", () => {
  const one = fc.oneof(
    fc.record({ how: fc.constant("rice" as const), value: fc.nat({ max: 2 ** 31 - 1 }), k: fc.nat({ max: 24 }) }),
    fc.record({ how: fc.constant("gamma" as const), value: fc.nat({ max: 2 ** 31 - 1 }), k: fc.constant(0) }),
    fc.record({ how: fc.constant("put" as const), value: fc.nat({ max: 2 ** 24 - 1 }), k: fc.constant(24) }),
  );
  fc.assert(
    fc.property(fc.array(one, { maxLength: 60 }), (all) => {
      const out = new BitWriter();
      for (const { how, value, k } of all) how === "gamma" ? out.gamma(value) : out[how](value, k);
      const from = new BitReader(out.finish());
      for (const { how, value, k } of all)
        expect(how === "gamma" ? from.gamma() : how === "rice" ? from.rice(k) : from.take(k)).toBe(value);
      expect(from.isOver).toBe(false);
    }),
  );
});

test("a column gives back its numbers, and takes little where they lie near each other or are mostly nothing", () => {
  fc.assert(
    fc.property(fc.array(count, { minLength: 1, maxLength: 200 }), (values) => {
      const out = new BitWriter();
      putColumn(out, values);
      const from = new BitReader(out.finish());
      expect(takeColumn(from, values.length)).toEqual(values);
      expect(from.isOver).toBe(false);
    }),
  );
  const bytesOf = (values: readonly number[]) => {
    const out = new BitWriter();
    putColumn(out, values);
    return out.finish().length;
  };
  const looks = Array.from({ length: 180 }, (_, i) => i);
  expect(bytesOf(looks.map((i) => 400 + ((i * 7) % 9)))).toBeLessThan(180 * 0.7);
  expect(bytesOf(looks.map((i) => (i % 60 === 0 ? 1 : 0)))).toBeLessThan(8);
});

describe("a block", () => {
  test("gives back what was written, of all series or some", () => {
    fc.assert(
      fc.property(block, fc.nat({ max: shardSize - 1 }), (one, id) => {
        const bytes = encodeBlock(one);
        expect(decodeBlock(bytes)).toEqual(one);
        const cut = decodeBlock(bytes, new Set([id]));
        expect(cut?.series.get(id)).toEqual(one.series.get(id));
        expect(cut?.series.size).toBe(one.series.has(id) ? 1 : 0);
      }),
      { numRuns: 300 },
    );
  });

  test("that was cut short, changed or never was one is nothing, and throws nothing", () => {
    fc.assert(
      fc.property(block, fc.nat(), fc.nat({ max: 255 }), (one, at, byte) => {
        const bytes = encodeBlock(one);
        const i = at % bytes.length;
        expect(decodeBlock(bytes.subarray(0, i))).toBeUndefined();
        const changed = bytes.with(i, byte);
        if (bytes[i] !== byte) expect(decodeBlock(changed)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => decodeBlock(bytes) === undefined));
  });

  test("bytes with the right checksum that nobody wrote are read without end nor error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bits) => {
        const bytes = new Uint8Array(4 + bits.length);
        bytes.set(bits, 4);
        new DataView(bytes.buffer).setUint32(0, crc32(bits));
        const found = decodeBlock(bytes);
        for (const { columns } of found?.series.values() ?? [])
          for (const column of columns) for (const value of column) expect(Number.isFinite(value)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("joined with the next one is the same as one that was written at once; its sum counts all", () => {
    fc.assert(
      fc.property(block, fc.nat(), (one, n) => {
        const at = one.times[n % one.times.length] ?? 0;
        const first = until(one, at);
        const later = one.times.filter((t) => t > at).length;
        const rest: Block = {
          times: one.times.slice(one.times.length - later),
          series: new Map(
            [...one.series].map(([id, own]) => [
              id,
              { ...own, columns: own.columns.map((column) => column.slice(column.length - later)) },
            ]),
          ),
        };
        expect(joined([first, ...(later > 0 ? [rest] : [])].filter((b) => b !== undefined))).toEqual(one);
        for (const [id, own] of summed(one).series) {
          const column = one.series.get(id)?.columns[0] ?? [];
          if (own.kind === "count")
            expect(own.columns[0]).toEqual([
              Math.min(
                mostCount,
                column.reduce((a, b) => a + b, 0),
              ),
            ]);
        }
      }),
    );
  });
});

test("an amount comes back within 0.8 %, and a larger one never smaller", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2 ** 48, noNaN: true }), fc.double({ min: 1, max: 2 }), (amount, more) => {
      const back = amountOf(amountCode(amount));
      expect(Math.abs(back - amount)).toBeLessThanOrEqual(Math.max(1 / 32, amount * 0.008));
      expect(amountCode(amount * more)).toBeGreaterThanOrEqual(amountCode(amount));
    }),
  );
  for (let code = 0; code < 3000; code++) expect(amountCode(amountOf(code))).toBe(code);
});
