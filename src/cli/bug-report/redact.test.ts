import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { redactText, redactValue } from "./redact.ts";

const canary = "CANARY-7f3a9b";
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const keyBody = key.split("\n")[1] ?? "";
const jwt = ["eyJhbGciOiJSUzI1NiJ9", "eyJzdWIiOiJzaG9wIn0", "c2lnbmF0dXJl"].join(".");

test.each([
  ["a header in a log", `GET / authorization: Bearer ${canary}`],
  ["a header in JSON", `{"authorization":"Basic ${canary}","x-api-key":"${canary}"}`],
  ["a cookie", `cookie: session=${canary}`],
  ["a password in a log", `login failed: password=${canary} user=me`],
  ["a password in JSON", `{"db_password": "${canary}"}`],
  ["an address with a password", `dial redis://user:${canary}@redis:6379/0`],
  ["a bearer token alone", `sent Bearer ${canary}xxxx`],
])("%s is redacted", (_, text) => {
  expect(redactText(text)).not.toContain(canary);
  expect(redactText(text)).toContain("[redacted]");
});

test("private keys are redacted in every form, certificates stay", () => {
  const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  expect(redactText(`${key}${certificate}`)).not.toContain(keyBody);
  expect(redactText(`${key}${certificate}`)).toContain(certificate);
  const cutOff = key.slice(0, key.indexOf("-----END"));
  expect(redactText(cutOff)).not.toContain(keyBody);
  expect(redactText(JSON.stringify({ log: key }))).not.toContain(keyBody);
  const encoded = Buffer.from(key).toString("base64");
  expect(redactText(`tls.key: ${encoded}`)).not.toContain(encoded.slice(40));
  expect(redactText(`token ${jwt}`)).not.toContain("c2lnbmF0dXJl");
});

test("Secrets lose their data, containers the values of secret variables, Envoy's answers their keys", () => {
  const value = {
    secret: { kind: "Secret", metadata: { name: "tls" }, data: { "tls.key": canary }, stringData: { plain: canary } },
    applied: {
      metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": `{"data":"${canary}"}` } },
    },
    pod: {
      spec: {
        containers: [
          {
            env: [
              { name: "DB_PASSWORD", value: canary },
              { name: "API_TOKEN", value: canary },
            ],
          },
        ],
      },
    },
    envoy: { tls_certificate: { private_key: { inline_bytes: canary }, password: { inline_string: canary } } },
    filter: { typed_config: { client_secret: canary, access_key: canary } },
    header: { header: { key: "authorization", value: canary } },
  };
  expect(JSON.stringify(redactValue(value))).not.toContain(canary);
});

test("names of secrets and what is no secret stay", () => {
  const value = {
    spec: {
      tls: { credentialName: "shop-cert", mode: "SIMPLE" },
      secretName: "shop-cert",
      secretKeyRef: { name: "db", key: "password" },
      env: [{ name: "REGION", value: "eu" }],
      automountServiceAccountToken: false,
    },
    config: { data: { mesh: "rootNamespace: istio-system" } },
  };
  expect(redactValue(value)).toEqual(value);
});
