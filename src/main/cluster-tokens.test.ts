import { expect, test } from "vitest";
import type { KubernetesClient } from "../kubernetes/client.ts";
import type { Log } from "../std/log.ts";
import { clusterTokens } from "./cluster-tokens.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const clock = { now: () => 0, after: () => () => {} };

/** A token that says that it lives long; who it is of, the API server says. */
function token(name: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part({ sub: name, exp: 10_000_000_000 })}.AAAA`;
}

test("made-up tokens by the thousand wait in a bounded queue, are asked for a few at a time, and one that is known is not among them", async () => {
  const asked: string[] = [];
  let answers: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    answers = resolve;
  });
  const ask = async (_: string, { body }: { body: { spec: { token: string } } }) => {
    asked.push(body.spec.token);
    if (body.spec.token !== token("known")) await held;
    const authenticated = body.spec.token === token("known");
    const user = { username: "system:serviceaccount:shop:cart" };
    return { status: { authenticated, audiences: ["istio-ca"], user } };
  };
  const tokens = clusterTokens({
    ...{ client: { ask } as unknown as KubernetesClient, clock, log, trustDomain: "cluster.local" },
    keys: { verify: async () => undefined },
    knowsPod: () => true,
  });
  expect(await tokens.verify(token("known"))).toHaveProperty("subject");
  const waiting = Array.from({ length: 1024 }, (_, n) => tokens.verify(token(`guess ${n}`)));
  expect(await tokens.verify(token("one more"))).toEqual({
    refused: expect.stringContaining("too many"),
    unavailable: true,
  });
  expect(await tokens.verify(token("known"))).toHaveProperty("subject");
  expect(asked.length).toBeLessThanOrEqual(33);
  answers();
  expect((await Promise.all(waiting)).every((answer) => "refused" in answer)).toBe(true);
  expect(await tokens.verify(token("one more"))).toEqual({ refused: "the API server does not know this token" });
});
