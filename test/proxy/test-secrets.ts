import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { SecretSchema } from "../../src/gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { hash } from "../../src/std/hash.ts";
import type { ProxyConfig, XdsResource } from "../../src/xds/resource.ts";
import { TYPE } from "../../src/xds/type-url.ts";

/** With secrets for what no object of the mesh holds: the proxy's own identity and roots, and the credentials `shop`, `bank` and `roots`; made of `cert.pem`, `key.pem` and `ca.pem` of a directory. */
export function withSecrets(directory: string, config: ProxyConfig): ProxyConfig {
  const given = config.get(TYPE.secret)?.resources ?? new Map<string, XdsResource>();
  const named = [
    "default",
    "ROOTCA",
    ...["shop", "shop-cacert", "bank", "roots-cacert", "cred", "cred-cacert", "other", "other-cacert"].map(
      (n) => `kubernetes://${n}`,
    ),
  ];
  const made = named.map((name) => [name, secret(directory, name)] as const);
  // Golden cases hold no real certificates where references of Gateway API lead.
  const referenced = [...given.keys()].filter((name) => /^kubernetes-(gateway|ca):/.test(name));
  const replaced = referenced.map((name) => [name, secret(directory, name)] as const);
  return new Map([...config, [TYPE.secret, { resources: new Map([...made, ...given, ...replaced]) }]]);
}

function secret(directory: string, name: string): XdsResource {
  const file = (pem: string) => ({ specifier: { case: "filename" as const, value: join(directory, pem) } });
  const type = /ROOTCA|-cacert$|^kubernetes-ca:/.test(name)
    ? { case: "validationContext" as const, value: { trustedCa: file("ca.pem") } }
    : {
        case: "tlsCertificate" as const,
        value: { certificateChain: file("cert.pem"), privateKey: file("key.pem") },
      };
  const body = toBinary(SecretSchema, create(SecretSchema, { name, type }));
  return { name, version: hash(body), body, origins: [] };
}
