import { deepStrictEqual, strictEqual } from "node:assert";
import { test } from "vitest";
import { type TapFilter, tapFilterOf } from "../tap-filter.ts";
import { restrictedTap } from "./restricted.ts";

test("who sees some namespaces watches requests to these alone, whatever they ask for", () => {
  const opened: TapFilter[] = [];
  const tap = restrictedTap(
    (filter) => {
      opened.push(filter);
      return { state: () => ({ proxies: 3, share: 1 }), close: () => {} };
    },
    new Set(["shop", "web"]),
  );
  const open = (query: string) => tap(tapFilterOf(new URLSearchParams(query)), () => {});
  open("");
  open("namespace=shop,shut");
  strictEqual(open("namespace=shut")?.state().proxies, 0);
  deepStrictEqual(
    opened.map(({ namespaces }) => namespaces),
    [["shop", "web"], ["shop"]],
  );
});
