import { expect, test } from "vitest";
import { withoutSecrets } from "./redact.ts";

test("keys, passwords and credentials are not shown, everything else is", () => {
  const secret = {
    name: "default",
    tlsCertificate: {
      certificateChain: { inlineBytes: "Y2VydA==" },
      privateKey: { inlineBytes: "c2VjcmV0" },
      password: { inlineString: "c2VjcmV0" },
    },
    session_ticket_keys: { keys: ["c2VjcmV0"] },
    list: [
      { private_key: "c2VjcmV0" },
      { header: { key: "Authorization", value: "c2VjcmV0" } },
      { header: { key: "accept", value: "text" } },
    ],
  };
  const shown = withoutSecrets(secret);
  expect(JSON.stringify(shown)).not.toContain("c2VjcmV0");
  expect(shown).toMatchObject({
    name: "default",
    tlsCertificate: { certificateChain: { inlineBytes: "Y2VydA==" }, privateKey: "[redacted]" },
    list: [{ private_key: "[redacted]" }, { header: { value: "[redacted]" } }, { header: { value: "text" } }],
  });
});
