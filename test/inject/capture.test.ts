import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { injectPod } from "../../src/inject/inject-pod.ts";
import { containerNamed } from "../../src/inject/pod.ts";
import { defaultSettings } from "../../src/inject/settings.ts";
import { empty } from "../../src/model/snapshot.ts";
import type { Call, Round } from "./captured.ts";

// The rules of an injected Pod's init container in a network namespace, with connections of Envoy's user and of others. A listener says its port:
// 15001 and 15006 are Envoy, 9080 is the application, 80 and 3306 are somebody else.

const outbound = "15001";
const inbound = "15006";
const application = "9080";

let child: ChildProcessByStdio<Writable, Readable, null>;
let answers: AsyncIterator<string>;

beforeAll(() => {
  const program = fileURLToPath(new URL("captured.ts", import.meta.url));
  child = spawn("unshare", ["--net", "--", process.execPath, program, "pod"], { stdio: ["pipe", "pipe", "inherit"] });
  answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
});
afterAll(() => {
  child?.stdin.end();
});

const context = { settings: defaultSettings, snapshot: empty, revision: "default", installNamespace: "istio-system" };

/** Who answers each call in a Pod with these annotations. */
async function who(annotations: Readonly<Record<string, string>>, calls: readonly Call[]): Promise<readonly string[]> {
  const pod = { metadata: { name: "web", annotations }, spec: { containers: [{ name: "web" }] } };
  const injected = injectPod(pod, { namespace: "shop", drainKey: "k" }, context);
  if (!("pod" in injected)) throw new Error(JSON.stringify(injected));
  const round: Round = { args: containerNamed(injected.pod.spec?.initContainers, "istio-init")?.args ?? [], calls };
  child.stdin.write(`${JSON.stringify(round)}\n`);
  const { value } = await answers.next();
  return JSON.parse(value ?? "[]") as readonly string[];
}

const out = (to: string, port: number, more: Partial<Call> = {}): Call => ({ from: "pod", to, port, ...more });
const into = (to: string, port: number): Call => ({ from: "world", to, port });
const traffic = (name: string) => `traffic.sidecar.istio.io/${name}`;

describe.runIf(process.getuid?.() === 0)("a Pod's rules", () => {
  test("what the application sends goes to Envoy, what Envoy sends goes out; IPv4 and IPv6", async () => {
    const calls = [
      out("10.9.0.1", 80),
      out("10.96.0.10", 80, { uid: 1000 }),
      out("fd09::1", 80),
      out("10.9.0.1", 80, { uid: 1337 }),
      out("fd09::1", 80, { uid: 1337 }),
      out("10.9.0.1", 80, { uid: 31_337, gid: 1337 }),
      out("10.9.0.1", 80, { uid: 31_337 }),
    ];
    expect(await who({}, calls)).toEqual([outbound, outbound, outbound, "80", "80", "80", outbound]);
  });

  test("what comes in goes to Envoy, but for its own ports", async () => {
    const calls = [
      ...[into("10.9.0.2", 9080), into("fd09::2", 9080), into("10.9.0.2", 4444)],
      ...[into("10.9.0.2", 15020), into("10.9.0.2", 15021), into("10.9.0.2", 15090)],
    ];
    expect(await who({}, calls)).toEqual([inbound, inbound, inbound, "15020", "15021", "15090"]);
  });

  test("what Envoy hands on reaches the application; what it sends to its own Pod comes in by the front door; the application reaches itself", async () => {
    const calls = [
      out("10.9.0.2", 9080, { uid: 1337, source: "127.0.0.6" }),
      out("fd09::2", 9080, { uid: 1337, source: "::1" }),
      out("127.0.0.1", 9080, { uid: 1337 }),
      out("10.9.0.2", 9080, { uid: 1337 }),
      out("fd09::2", 9080, { uid: 1337 }),
      out("10.9.0.2", 9080),
      out("127.0.0.1", 9080),
      out("::1", 9080),
    ];
    expect(await who({}, calls)).toEqual([
      ...[application, application, application, inbound, inbound],
      ...[application, application, application],
    ]);
  });

  test("outbound annotations", async () => {
    const calls = [out("10.9.0.1", 80), out("10.9.0.1", 3306), out("10.96.0.10", 80), out("fd09::1", 80)];
    expect(await who({ [traffic("excludeOutboundPorts")]: "3306, 3307" }, calls)).toEqual([
      ...[outbound, "3306", outbound, outbound],
    ]);
    expect(await who({ [traffic("excludeOutboundIPRanges")]: "10.9.0.0/16,10.9.0.1/32,fd09::/64" }, calls)).toEqual([
      ...["80", "3306", outbound, "80"],
    ]);
    expect(await who({ [traffic("includeOutboundIPRanges")]: "10.96.0.0/12" }, calls)).toEqual([
      ...["80", "3306", outbound, "80"],
    ]);
    expect(await who({ [traffic("includeOutboundIPRanges")]: "" }, calls)).toEqual(["80", "3306", "80", "80"]);
    const some = { [traffic("includeOutboundIPRanges")]: "", [traffic("includeOutboundPorts")]: "3306" };
    expect(await who(some, calls)).toEqual(["80", outbound, "80", "80"]);
  });

  test("inbound annotations", async () => {
    const calls = [into("10.9.0.2", 9080), into("10.9.0.2", 15006)];
    expect(await who({ [traffic("excludeInboundPorts")]: "9080" }, calls)).toEqual([application, inbound]);
    expect(await who({ [traffic("includeInboundPorts")]: "" }, calls)).toEqual([application, inbound]);
    expect((await who({ [traffic("includeInboundPorts")]: "80,81" }, calls))[0]).toBe(application);
    expect((await who({ [traffic("includeInboundPorts")]: "80,9080" }, calls))[0]).toBe(inbound);
  });

  test("interfaces", async () => {
    const calls = [out("10.9.0.1", 80), into("10.9.0.2", 9080)];
    expect(await who({ [traffic("excludeInterfaces")]: "eth0" }, calls)).toEqual(["80", application]);
    expect(await who({ [traffic("excludeInterfaces")]: "net1" }, calls)).toEqual([outbound, inbound]);
    expect(await who({ [traffic("kubevirtInterfaces")]: "eth0" }, calls)).toEqual([outbound, outbound]);
    expect(await who({ "istio.io/reroute-virtual-interfaces": "eth0" }, calls)).toEqual([outbound, outbound]);
  });
});
