const redacted = "[redacted]";

/** Fields of Envoy's messages that hold keys or passwords, in protobuf's and in JSON's spelling. */
const secretFields = new Set([
  "privateKey",
  "private_key",
  "password",
  "sessionTicketKeys",
  "session_ticket_keys",
  "genericSecret",
  "generic_secret",
  "clientSecret",
  "client_secret",
]);

/** A resource in protobuf's JSON form without what is secret in it: keys, passwords, the values of authorization headers. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  const isCredential = "key" in value && /^(authorization|cookie|x-api-key)$/i.test(String(value.key));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (secretFields.has(name)) return [name, redacted];
      return [
        name,
        isCredential && (name === "value" || name === "rawValue" || name === "raw_value")
          ? redacted
          : withoutSecrets(field),
      ];
    }),
  );
}
