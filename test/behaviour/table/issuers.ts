import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** Issuers of tokens, each with an RSA key that is made when it is first asked for. */
export class Issuers {
  readonly #keys = new Map<string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>();

  /** The public key, as a JSON Web Key Set. */
  keysOf(name: string): string {
    return JSON.stringify({ keys: [{ ...this.#keyOf(name).publicKey.export({ format: "jwk" }), kid: name }] });
  }

  /**
   * A token by the key of `NAME`, in `NAME claim=value ...`. Valid for an hour unless `exp` or `nbf` say otherwise, in seconds from now; a value with
   * commas is a list.
   */
  token(said: string): string {
    const [name = "", ...claims] = said.split(" ");
    const now = Math.floor(Date.now() / 1000);
    const pairs = claims.map((claim) => {
      const [, key = "", value = ""] = /^([^=]*)=(.*)$/.exec(claim) ?? [];
      if (key === "exp" || key === "nbf") return [key, now + Number(value)];
      return [key, value.includes(",") ? value.split(",") : value];
    });
    const payload = { exp: now + 3600, ...Object.fromEntries(pairs) };
    const parts = [{ alg: "RS256", kid: name }, payload];
    const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    return `${signed}.${sign("sha256", Buffer.from(signed), this.#keyOf(name).privateKey).toString("base64url")}`;
  }

  #keyOf(name: string) {
    const made = this.#keys.get(name) ?? generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.#keys.set(name, made);
    return made;
  }
}
