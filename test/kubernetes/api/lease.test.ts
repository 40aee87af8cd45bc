import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesClient, kubernetesClient } from "../../../src/kubernetes/client.ts";
import { KubernetesError } from "../../../src/kubernetes/error.ts";
import { Candidate } from "../../../src/kubernetes/lease.ts";
import { systemClock as clock } from "../../../src/main/clock.ts";
import { systemRandom as random } from "../../../src/main/random.ts";
import type { Log } from "../../../src/std/log.ts";
import { until } from "../processes.ts";
import { noApiServer, sharedApiServer } from "../shared.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };

describe.skipIf(noApiServer())("a lease", () => {
  let client: KubernetesClient;
  const running: Candidate[] = [];
  /** Who held it and who did not any more, in order. */
  const events: string[] = [];

  beforeAll(async () => {
    client = kubernetesClient((await sharedApiServer()).config());
  });
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop();
    events.splice(0);
  });

  function begin(name: string, identity: string, through = client): Candidate {
    const onChange = (held: boolean) => events.push(`${identity} ${held ? "leads" : "steps down"}`);
    const options = { client: through, clock, random, log, namespace: "default", name, identity, durationMs: 5000 };
    const one = new Candidate({ ...options, onChange });
    running.push(one);
    return one;
  }

  it("has one holder; the next one when that gives it back", async () => {
    const name = `lease-${randomUUID()}`;
    const first = begin(name, "first");
    await until("the first leads", () => first.held);
    const second = begin(name, "second");
    const path = `/apis/coordination.k8s.io/v1/namespaces/default/leases/${name}`;
    const lease = () => client.ask<{ spec: { holderIdentity: string; renewTime: string } }>(path);
    const { renewTime } = (await lease()).spec;
    await until("it is renewed", async () => (await lease()).spec.renewTime !== renewTime);
    expect([first.held, second.held]).toEqual([true, false]);
    await first.stop();
    await until("the second leads", () => second.held);
    expect(events).toEqual(["first leads", "first steps down", "second leads"]);
    expect((await lease()).spec).toMatchObject({ holderIdentity: "second", leaseTransitions: 1 });
  });

  it("is taken from a holder that lost the API server, after that one stepped down by itself", async () => {
    const name = `lease-${randomUUID()}`;
    let cut = false;
    const through: KubernetesClient = {
      ...client,
      ask: (path, init) =>
        cut ? Promise.reject(new KubernetesError(0, "Unreachable", "cut off")) : client.ask(path, init),
    };
    const first = begin(name, "first", through);
    await until("the first leads", () => first.held);
    const second = begin(name, "second");
    cut = true;
    await until("the second leads", () => second.held);
    expect(events).toEqual(["first leads", "first steps down", "second leads"]);
    cut = false;
    const third = begin(name, "third");
    const path = `/apis/coordination.k8s.io/v1/namespaces/default/leases/${name}`;
    const renewals = new Set<string>();
    await until("the second renews it", async () => {
      const { spec } = await client.ask<{ spec: { holderIdentity: string; renewTime: string } }>(path);
      expect(spec.holderIdentity).toBe("second");
      return renewals.add(spec.renewTime).size > 2;
    });
    expect([first.held, second.held, third.held]).toEqual([false, true, false]);
  });

  it("goes to one alone of many that begin at once", async () => {
    const name = `lease-${randomUUID()}`;
    const all = Array.from({ length: 5 }, (_, i) => begin(name, `candidate-${i}`));
    await until("one leads", () => all.some((one) => one.held));
    const [leader] = all.filter((one) => one.held);
    await leader?.stop();
    await until("another leads", () => all.some((one) => one.held && one !== leader));
    expect(events.filter((event) => event.endsWith("leads")).length).toBe(2);
  });
});
