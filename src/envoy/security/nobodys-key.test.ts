import { strictEqual } from "node:assert";
import { test } from "vitest";
import { nobodysKey } from "./nobodys-key.ts";

const p = 2n ** 255n - 19n;
const d = (-121665n * power(121666n, p - 2n)) % p;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let [b, e] = [base % p, exponent]; e > 0n; b = (b * b) % p, e >>= 1n) if (e & 1n) result = (result * b) % p;
  return result;
}

/** Whether 32 bytes stand for a point of the curve -x² + y² = 1 + dx²y². Source: RFC 8032, 5.1.3. */
function isPoint(bytes: Buffer): boolean {
  const y = BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`) & (2n ** 255n - 1n);
  const square = ((y * y - 1n) * power((d * y * y + 1n + p * p) % p, p - 2n)) % p;
  const positive = (square + p) % p;
  return positive === 0n || power(positive, (p - 1n) / 2n) === 1n;
}

test("no private key belongs to the key of an issuer that has none", () => {
  const { x, ...rest } = JSON.parse(nobodysKey).keys[0] as { readonly x: string };
  strictEqual(Buffer.from(x, "base64url").toString(), "No signature ever fits this key.");
  strictEqual(isPoint(Buffer.from(x, "base64url")), false);
  strictEqual("d" in rest, false);
  // RFC 8037, A.2: a key that somebody has.
  strictEqual(isPoint(Buffer.from("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "base64url")), true);
});
