import { expect, test } from "vitest";
import { FrameReader } from "./frames.ts";
import { createShelves } from "./shelf.ts";

/** A message that says how long it is, and what comes of it at first. */
function begun(length: number, bytes: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, Buffer.alloc(bytes)]);
}

test("what one address has begun on all of its streams is bounded, and others have their own", () => {
  const shelves = createShelves(1000, 1500);
  const shelf = shelves.of("10.0.0.1");
  const [first, second] = [new FrameReader(5000, shelf), new FrameReader(5000, shelf)];
  expect(first.push(begun(4000, 600))).toEqual([]);
  expect(second.push(begun(4000, 600))).toMatchObject({ status: 8 });
  second.drop();
  expect(new FrameReader(5000, shelves.of("10.0.0.2")).push(begun(4000, 600))).toEqual([]);
  expect(new FrameReader(5000, shelves.of("10.0.0.3")).push(begun(4000, 600))).toMatchObject({ status: 8 });
});

test("a message that is whole, or a stream that ends, gives its room back", () => {
  const shelf = createShelves(1000).of("10.0.0.1");
  const reader = new FrameReader(5000, shelf);
  for (let n = 0; n < 10; n++) {
    expect(reader.push(begun(700, 600))).toEqual([]);
    expect(reader.begun).toBe(true);
    expect(reader.push(Buffer.alloc(100))).toHaveLength(1);
    expect(reader.begun).toBe(false);
  }
  expect(reader.push(begun(700, 600))).toEqual([]);
  reader.drop();
  expect(new FrameReader(5000, shelf).push(begun(4000, 900))).toEqual([]);
});

test("a length alone takes no memory", () => {
  const shelf = createShelves(100).of("10.0.0.1");
  expect(new FrameReader(1 << 30, shelf).push(begun(1 << 29, 0))).toEqual([]);
});
