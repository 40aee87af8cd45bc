import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { types } from "../../../src/model/types.ts";
import { type OwnApiServer, ownApiServer } from "../api-server.ts";
import { definitions } from "../definitions.ts";
import { noApiServer } from "../shared.ts";
import { read } from "./source-kit.ts";

describe.skipIf(noApiServer())("a cluster as a source", () => {
  let api: OwnApiServer;
  const applied = (...items: readonly object[]) =>
    api.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  beforeAll(async () => {
    api = await ownApiServer();
    await applied(...definitions([types.VirtualService, types.Gateway, types.HttpRoute]));
  });
  afterAll(() => api.close());

  it("tells everything first, then each change", async () => {
    const service = (name: string) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default" },
      spec: { ports: [{ port: 80, name: "http" }] },
    });
    await applied(service("first"));
    const reading = await read(api.config());
    try {
      expect(reading.get(types.Service, "default", "first")).toMatchObject({ spec: { ports: [{ port: 80 }] } });
      expect(reading.events()).toHaveLength(1);
      await applied(service("second"));
      await reading.until("second", (r) => r.get(types.Service, "default", "second") !== undefined);
      await api.kubectl(["delete", "service", "first"]);
      await reading.until("first is gone", (r) => r.get(types.Service, "default", "first") === undefined);
    } finally {
      await reading.stop();
    }
  });
});
