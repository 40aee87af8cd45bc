import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runIt } from "../../../src/cli/cli.fixture.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { background, type Running, until } from "../processes.ts";
import { noApiServer } from "../shared.ts";

const root = join(import.meta.dirname, "../../..");

describe.skipIf(noApiServer())("the control plane with the chart's rights alone", { timeout: 180_000 }, () => {
  let api: OwnApiServer;
  let folder: string;
  let plane: Running;
  const log = () => readFileSync(join(folder, "weft.log"), "utf8");

  beforeAll(async () => {
    api = await ownApiServer();
    folder = mkdtempSync(join(tmpdir(), "weft-rights-"));
    const installed = await runIt(["install", "--kubeconfig", api.kubeconfig, "--timeout=90s"]);
    expect(installed.code, installed.err).toBe(0);
    const token = (await api.kubectl(["create", "token", "weft", "-n", "istio-system", "--duration=1h"])).trim();
    const kubeconfig = join(folder, "kubeconfig");
    const admin = JSON.parse(readFileSync(api.kubeconfig, "utf8")) as object;
    writeFileSync(kubeconfig, JSON.stringify({ ...admin, users: [{ name: "admin", user: { token } }] }), {
      mode: 0o600,
    });
    const flags = ["--kubernetes", "--kubeconfig", kubeconfig, "--state-dir", folder, "--address", "127.0.97.5"];
    const command = [process.execPath, join(root, "src/main/weft.ts"), "serve", ...flags];
    plane = background("weft", command, join(folder, "weft.log"), folder);
  }, 180_000);
  afterAll(async () => {
    await plane?.stop();
    await api?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("makes its CA, leads, gives roots, keeps bundles, and accepts its GatewayClasses; nothing is refused", async () => {
    const get = (...args: readonly string[]) => api.kubectl(["get", ...args]);
    const done = async () => {
      const [roots, classes, bundles] = await Promise.all([
        get("configmaps", "-A", "--field-selector=metadata.name=weft-ca-root-cert", "-o", "name"),
        get("gatewayclasses", "-o", 'jsonpath={.items[*].status.conditions[?(@.type=="Accepted")].status}'),
        get("mutatingwebhookconfigurations", "-o", "jsonpath={.items[*].webhooks[*].clientConfig.caBundle}"),
      ]);
      return roots.split("\n").length > 2 && classes === "True True" && bundles.split(" ").length === 4;
    };
    await until("the control plane has done its work", done, [plane]);
    expect(await get("secret", "weft-ca", "-n", "istio-system", "-o", "name")).toBe("secret/weft-ca\n");
    expect(log()).toContain("leads from now on");
    expect(log()).not.toMatch(/forbidden|"status":403/i);
  });
});
