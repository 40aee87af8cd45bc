import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { test } from "vitest";
import { fetchKeys, type KeysAt } from "./fetch-keys.ts";

const key = { kty: "RSA", kid: "a", n: "3q2-7w", e: "AQAB" };
const set = JSON.stringify({ keys: [key] });
const url = "https://id.example/keys";

const internet = new Map([[url, set]]);
const get = (at: string) => {
  const text = internet.get(at);
  return text === undefined
    ? Promise.reject(new Error("its server answers 503"))
    : Promise.resolve({ bytes: Buffer.from(text), maxAge: 60 });
};
const fetched = (at: KeysAt) => fetchKeys(at, 1000, get);
const issuer = (name: string, says?: string) => {
  if (says !== undefined) internet.set(`https://${name}.example/.well-known/openid-configuration`, says);
  return { issuer: `https://${name}.example` };
};

test("keys are at a URL", async () => deepStrictEqual(await fetched({ url }), { keys: set, maxAge: 60 }));

test.each(["https://own.example", "https://own.example/"])("%s says itself where its keys are", async (said) => {
  issuer("own", JSON.stringify({ jwks_uri: url }));
  strictEqual((await fetched({ issuer: said })).keys, set);
});

test.each([
  [{ issuer: "accounts@example.com" }, /is no URL that keys could be asked of; write jwks or jwksUri/],
  [{ issuer: "ftp://id.example" }, /is no URL that keys could be asked of/],
  [issuer("lost"), /lost\.example\/\.well-known\/openid-configuration: its server answers 503/],
  [issuer("downgrade", JSON.stringify({ jwks_uri: "http://id.example/keys" })), /its jwks_uri is not https/],
  [issuer("empty", "null"), /is no JSON with the URL jwks_uri/],
  [issuer("html", "<html>"), /is no JSON with the URL jwks_uri/],
  [issuer("number", '{"jwks_uri": 7}'), /is no JSON with the URL jwks_uri/],
  [
    issuer("moved", JSON.stringify({ jwks_uri: "https://gone.example/" })),
    /^Error: https:\/\/gone.example\/: its server answers 503$/,
  ],
])("%j has none", (at, why) => rejects(fetched(at), why));

test.each([
  ["no JSON", "<html>"],
  ["no keys", '{"keys":[]}'],
  ["a secret that all can read", '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'],
  ["keys for encryption alone", JSON.stringify({ keys: [{ ...key, use: "enc" }] })],
  ["half a key", JSON.stringify({ keys: [{ ...key, e: "" }] })],
  ["a key that is no base64url", JSON.stringify({ keys: [{ ...key, n: "a b" }] })],
  ["a type named like a method", '{"keys":[{"kty":"constructor"}]}'],
  ["null", "null"],
])("%s is no key set", async (_, text) => {
  internet.set("https://bad.example/", text);
  await rejects(fetched({ url: "https://bad.example/" }), /no JSON Web Key Set with a public key/);
});

test("of a key only the public half is taken, of a set those that are good", async () => {
  const keys = [{ kty: "oct", k: "c2VjcmV0" }, { ...key, d: "secret", p: "secret", note: "x" }, null, "x"];
  internet.set("https://mixed.example/", JSON.stringify({ keys }));
  strictEqual((await fetched({ url: "https://mixed.example/" })).keys, set);
});
