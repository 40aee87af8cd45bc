/**
 * Key set of an issuer whose keys nobody knows, as Envoy takes no empty one. It has no private half, and could not have one: its 32 bytes, the words
 * "No signature ever fits this key.", are no point of Ed25519's curve, so a check of any signature fails.
 */
export const nobodysKey = JSON.stringify({
  keys: [
    {
      kty: "OKP",
      crv: "Ed25519",
      alg: "EdDSA",
      kid: "nobody",
      x: "Tm8gc2lnbmF0dXJlIGV2ZXIgZml0cyB0aGlzIGtleS4",
    },
  ],
});
