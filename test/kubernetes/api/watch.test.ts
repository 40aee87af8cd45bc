import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubernetesClient, kubernetesClient } from "../../../src/kubernetes/client.ts";
import { inFlight } from "../../../src/kubernetes/in-flight.ts";
import { keyOf } from "../../../src/kubernetes/object.ts";
import { Watch } from "../../../src/kubernetes/watch.ts";
import { type Pace, usualPace } from "../../../src/kubernetes/watch-options.ts";
import { systemClock as clock } from "../../../src/main/clock.ts";
import { systemRandom as random } from "../../../src/main/random.ts";
import type { ApiServer } from "../api-server.ts";
import { type Editor, editor, type Written } from "../objects.ts";
import { noApiServer, sharedApiServer } from "../shared.ts";
import { quiet as log } from "./source-kit.ts";

describe.skipIf(noApiServer())("a watch", () => {
  let api: ApiServer;
  let edit: Editor;
  beforeAll(async () => {
    api = await sharedApiServer();
    edit = editor(api.config());
    await edit.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "watch" } });
    await edit.apply(configMap("quiet"), configMap("busy"));
  });

  it("goes on from a bookmark where nothing else was told", async () => {
    const one = watchQuiet({ streamSeconds: 4 });
    await one.until(() => one.opened.length > 0);
    const first = Number(one.opened[0]);
    for (let i = 0; Number(one.opened.at(-1)) <= first; i++) {
      await edit.apply(configMap("busy", String(i)));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(one.lists(), "no list moved the version").toBe(1);
    expect([...one.kept.keys()]).toEqual(["watch/quiet"]);
    await one.stop();
  });

  it("lists again when the list is old, and mends what differs", async () => {
    const one = watchQuiet({ streamSeconds: 1, resyncMs: 1 });
    await one.until(() => one.lists() > 0 && one.kept.size === 1);
    // As if a stream had lost one event and made up another.
    one.kept.clear();
    one.kept.set("watch/never", "1");
    await one.until(() => [...one.kept.keys()].join() === "watch/quiet");
    await one.stop();
  });

  const clients: KubernetesClient[] = [];
  afterAll(() => {
    for (const client of clients) client.close();
  });

  /** A watch of the one ConfigMap that nobody edits, and what it asked. */
  function watchQuiet(pace: Partial<Pace>) {
    const client = kubernetesClient(api.config());
    clients.push(client);
    const kept = new Map<string, string>();
    const opened: string[] = [];
    let lists = 0;
    const watch = new Watch({
      client: {
        ...client,
        ask(path, init) {
          lists++;
          return client.ask(path, init);
        },
        lines(path, init) {
          opened.push(String(init?.query?.["resourceVersion"]));
          return client.lines(path, init);
        },
      },
      ...{ clock, random, log, pace: { ...usualPace, ...pace }, lists: inFlight(1) },
      resource: { group: "", version: "v1", plural: "configmaps" },
      namespace: "watch",
      query: { fieldSelector: "metadata.name=quiet" },
      sink: {
        keys: () => kept.keys(),
        version: (key) => kept.get(key),
        put: (object) => kept.set(keyOf(object), object.metadata.resourceVersion ?? ""),
        remove: (key) => kept.delete(key),
        listed() {},
      },
      onState() {},
    });
    const until = async (holds: () => boolean) => {
      while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    return { kept, opened, lists: () => lists, until, stop: () => watch.stop() };
  }
});

function configMap(name: string, value = ""): Written {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "watch" }, data: { value } };
}
