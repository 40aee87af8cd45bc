import { fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { SecretSchema } from "../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js";
import { FakeClock, newFolder, open, reviews } from "./ca.fixture.ts";
import { workloadSecrets } from "./secret.ts";

test("an SVID and its roots are Envoy's secrets `default` and `ROOTCA`", async () => {
  const authority = await open(newFolder(), new FakeClock());
  const svid = await authority.issue(reviews);
  const [identity, roots] = workloadSecrets(svid, authority.trust);
  const text = (value: unknown) => Buffer.from(value as Uint8Array).toString();
  const first = fromBinary(SecretSchema, identity?.body as Uint8Array);
  if (first.type.case !== "tlsCertificate") throw new Error("no certificate");
  expect(identity?.name).toBe("default");
  expect(text(first.type.value.certificateChain?.specifier.value)).toBe(svid.chain);
  expect(text(first.type.value.privateKey?.specifier.value)).toBe(svid.key.pem());
  const second = fromBinary(SecretSchema, roots?.body as Uint8Array);
  if (second.type.case !== "validationContext") throw new Error("no roots");
  expect(text(second.type.value.trustedCa?.specifier.value)).toBe(authority.roots.join(""));
  expect(workloadSecrets(svid, authority.trust)[0]?.version).toBe(identity?.version);
  expect(workloadSecrets(await authority.issue(reviews), authority.trust)[0]?.version).not.toBe(identity?.version);
});
