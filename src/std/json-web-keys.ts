/** What the public half of a key of each type is made of; all of it base64url. Source: RFC 7518, 6, and RFC 8037. */
const parts: ReadonlyMap<string, readonly string[]> = new Map([
  ["RSA", ["n", "e"]],
  ["EC", ["x", "y"]],
  ["OKP", ["x"]],
]);

/** What else of a key is passed on. */
const about = ["kty", "kid", "alg", "use", "key_ops", "crv", "x5c"];

/** More than any issuer has; each of them is tried for a token that names none. */
const mostKeys = 100;

type Key = Readonly<Record<string, unknown>>;

/**
 * The keys of a JSON Web Key Set that signatures can be checked by, as such a set: the public half of each, in the order that they were given.
 * Secrets of both sides (`kty: oct`) count only where `secretsToo`: one that is published is nobody's secret. Undefined where no key is left.
 */
export function verifyingKeys(text: string, secretsToo: boolean): string | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = isKeyLike(said) && Array.isArray(said["keys"]) ? (said["keys"] as unknown[]) : [said];
  const keys = list.filter(isKeyLike).flatMap((key) => publicHalf(key, secretsToo));
  return keys.length === 0 ? undefined : JSON.stringify({ keys: keys.slice(0, mostKeys) });
}

function isKeyLike(value: unknown): value is Key {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function publicHalf(key: Key, secretsToo: boolean): readonly Key[] {
  const type = key["kty"];
  const wanted = type === "oct" && secretsToo ? ["k"] : parts.get(String(type));
  if (wanted?.every((name) => /^[\w-]+$/.test(String(key[name] ?? ""))) !== true) return [];
  if (key["use"] === "enc") return [];
  const kept = new Set([...about, ...wanted]);
  return [Object.fromEntries(Object.entries(key).filter(([name]) => kept.has(name)))];
}
