import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { DeltaDiscoveryRequestSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.js";
import { encodeRequest } from "./delta-client.fixture.ts";
import { DeltaRequestReader } from "./delta-request.ts";
import { Names } from "./names.ts";

const many = Array.from({ length: 1000 }, (_, i) => `outbound|80||svc-${i}.default.svc.cluster.local`);

describe("a request with thousands of names", () => {
  const fields = { typeUrl: "t", subscribe: many, unsubscribe: ["x"], versions: { a: "1" }, nonce: "7" };

  test("is decoded as the library does it", () => {
    const bytes = encodeRequest(fields);
    expect(new DeltaRequestReader().read(bytes)).toEqual(fromBinary(DeltaDiscoveryRequestSchema, bytes));
  });

  test("shares its names with the next one that has the same, whatever else that says", () => {
    const reader = new DeltaRequestReader();
    const first = reader.read(encodeRequest(fields));
    const other = reader.read(encodeRequest({ ...fields, subscribe: [...many].reverse() }));
    const second = reader.read(encodeRequest({ ...fields, nonce: "8" }));
    expect(second.resourceNamesSubscribe).toBe(first.resourceNamesSubscribe);
    expect(other.resourceNamesSubscribe).toEqual([...many].reverse());
    expect(second.responseNonce).toBe("8");
  });

  test("keeps names that stand apart from the rest", () => {
    const bytes = Buffer.concat([
      encodeRequest({ typeUrl: "t", subscribe: many }),
      encodeRequest({ typeUrl: "t", subscribe: ["late"] }),
    ]);
    expect(new DeltaRequestReader().read(bytes).resourceNamesSubscribe).toHaveLength(1001);
  });

  test("is refused where it is cut off", () => {
    const bytes = encodeRequest({ typeUrl: "t", subscribe: many });
    expect(() => new DeltaRequestReader().read(bytes.subarray(0, bytes.length - 3))).toThrow();
  });
});

test("names that begin as a shared map differ from it alone", () => {
  const map = new Map([["a", 1] as const, ["b", 2] as const]);
  const names = new Names();
  names.share(map);
  names.add("c");
  names.add("a");
  names.delete("b");
  expect([[...names], names.size, names.has("b")]).toEqual([["a", "c"], 2, false]);
  names.add("b");
  names.delete("c");
  expect([[...names], names.size]).toEqual([["a", "b"], 2]);
});
