import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeAccounts } from "../../src/main/node-accounts.ts";
import type { Resource } from "../../src/model/resource.ts";
import { apply, empty } from "../../src/model/snapshot.ts";
import { CaBed } from "./ca-bed.ts";
import { requestFor } from "./requests.ts";

// A node's proxy asks for certificates of workloads. A token is `pod@uid` of ServiceAccount `ztunnel`, but `other@uid` of `other`.

function pod(namespace: string, name: string, serviceAccountName: string, nodeName?: string): Resource {
  const spec = { serviceAccountName, ...(nodeName === undefined ? {} : { nodeName }) };
  const meta = { labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  const place = { file: `${name}.yaml`, line: 1, column: 1 };
  const origin = { ...place, at: `${name}.yaml:1:1`, locate: () => place };
  const data = { metadata: { uid: `uid-${name}` } };
  return { type: "Pod", apiVersion: "v1", namespace, name, ...meta, spec, data, origin };
}

const pods = [
  pod("default", "ztunnel-a", "ztunnel", "node-a"),
  pod("default", "ztunnel-b", "ztunnel", "node-b"),
  pod("default", "ztunnel-nowhere", "ztunnel"),
  pod("default", "mislabelled", "another", "node-a"),
  pod("default", "other", "other", "node-a"),
  pod("shop", "reviews-1", "reviews", "node-a"),
  pod("shop", "ratings-1", "ratings", "node-b"),
  pod("shop", "waiting", "waiting"),
];
const snapshot = apply(
  empty,
  pods.map((put) => ({ put })),
);
const bed = new CaBed();

beforeAll(async () => {
  await bed.open({
    impersonation: nodeAccounts(new Set(["default/ztunnel"]), () => snapshot),
    tokens: {
      async verify(token) {
        const [name = "", podUid = ""] = Buffer.from(token.split(".")[1] ?? "", "base64url")
          .toString()
          .split("@");
        const serviceAccount = name === "other" ? "other" : "ztunnel";
        const bound = name === "" ? {} : { pod: name, podUid };
        return {
          subject: { identity: { trustDomain: "cluster.local", namespace: "default", serviceAccount }, ...bound },
          expiresAt: Number.MAX_SAFE_INTEGER,
        };
      },
    },
  });
});

afterAll(() => bed.close());

async function ask(bound: string, wanted: unknown): Promise<string> {
  const token = `e.${Buffer.from(bound).toString("base64url")}.s`;
  const request = { csr: await requestFor({}), metadata: { ImpersonatedIdentity: wanted as string } };
  const answer = await bed.ask(request, { token });
  if ("status" in answer) return `${answer.status} ${answer.message}`;
  return new X509Certificate(answer.chain[0] as string).subjectAltName ?? "";
}

const reviews = "spiffe://cluster.local/ns/shop/sa/reviews";

test("a trusted node's proxy has the certificates of its node's workloads, and its own", async () => {
  expect(await ask("ztunnel-a@uid-ztunnel-a", reviews)).toBe(`URI:${reviews}`);
  expect(await ask("ztunnel-a@uid-ztunnel-a", "")).toBe("URI:spiffe://cluster.local/ns/default/sa/ztunnel");
});

const refused: Record<string, [string, unknown]> = {
  "a workload of another node": ["ztunnel-b@uid-ztunnel-b", reviews],
  "an account that is not trusted, on the same node": ["other@uid-other", reviews],
  "a Pod that is gone": ["ztunnel-gone@uid-ztunnel-gone", reviews],
  "a Pod of the same name that is another one": ["ztunnel-a@uid-of-before", reviews],
  "a token that is bound to no Pod": ["@", reviews],
  "a Pod of another account": ["mislabelled@uid-mislabelled", reviews],
  "a Pod without a node, for a workload without one": [
    "ztunnel-nowhere@uid-ztunnel-nowhere",
    "spiffe://cluster.local/ns/shop/sa/waiting",
  ],
  "another trust domain": ["ztunnel-a@uid-ztunnel-a", "spiffe://elsewhere/ns/shop/sa/reviews"],
  "what is no SPIFFE ID": ["ztunnel-a@uid-ztunnel-a", "shop/reviews"],
  "a path below an identity": ["ztunnel-a@uid-ztunnel-a", `${reviews}/x`],
  "what is no text": ["ztunnel-a@uid-ztunnel-a", [reviews]],
};

test.each(Object.entries(refused))("nothing for %s, and the reason stays here", async (_, [bound, wanted]) => {
  expect(await ask(bound, wanted)).toBe("16 certificates are issued for the caller's own identity alone");
});

test("where no account is trusted nobody asks for others; a signer that is not here signs nothing", async () => {
  const plain = await new CaBed().open();
  try {
    const csr = await requestFor({});
    const token = await plain.token();
    expect(await plain.ask({ csr, metadata: { ImpersonatedIdentity: reviews } }, { token })).toMatchObject({
      status: 16,
    });
    expect(await plain.ask({ csr, metadata: { CertSigner: "acme/issuer" } }, { token })).toMatchObject({ status: 9 });
    expect(await plain.ask({ csr, metadata: { CertSigner: "" } }, { token })).toHaveProperty("chain");
  } finally {
    await plain.close();
  }
});
