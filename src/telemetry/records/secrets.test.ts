import { deepStrictEqual, strictEqual } from "node:assert";
import { test } from "vitest";
import { pathOf, queryNames } from "./secrets.ts";

const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
const key = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF";

test("a path keeps its words, ids and hashes, and loses its query and what looks like a secret", () => {
  strictEqual(pathOf("/items/17?token=abc#x"), "/items/17");
  strictEqual(pathOf(`/reset/${jwt}/done?a=b`), "/reset/{secret}/done");
  strictEqual(pathOf(`/invite/${key}`), "/invite/{secret}");
  strictEqual(pathOf("/hooks/ghp_0123456789abcdefghij"), "/hooks/{secret}");
  for (const path of [
    "/users/1eb843e3-92f9-4c9f-b031-5bb5f6046fc7",
    "/blobs/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "/a-rather-long-name-that-somebody-gave-to-an-article",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
  ])
    strictEqual(pathOf(path), path);
});

test("of a query the names alone are kept, at most twenty", () => {
  deepStrictEqual(queryNames("/a?user=alice&token=secret&user=bob#f=g"), ["user", "token"]);
  deepStrictEqual(queryNames(`/a?${jwt}`), ["{secret}"]);
  deepStrictEqual(queryNames("/a"), []);
  strictEqual(queryNames(`/a?${Array.from({ length: 50 }, (_, i) => `n${i}=1`).join("&")}`).length, 20);
});
