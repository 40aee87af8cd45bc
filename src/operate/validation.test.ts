import { expect, test } from "vitest";
import type { Resource } from "../model/resource.ts";
import { apply, empty } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { validation } from "./validation.ts";

const nowhere = { file: "", line: 0, column: 0 };

function object(type: string, name: string, labels: Resource["labels"], spec: object): Resource {
  const metadata = { apiVersion: "v1", namespace: "shop", name, labels, annotations: {}, generation: 1, createdAt: 1 };
  return { type, ...metadata, spec, origin: { ...nowhere, at: name, locate: () => nowhere } };
}

const pod = object(types.Pod, "edge", { app: "edge" }, { containers: [] });
const mesh = apply(empty, [{ put: pod }]);

/** What is said of a Gateway with such a server as it is created. */
function warnings(server: object): readonly string[] {
  const gateway = object(types.Gateway, "front", {}, { selector: { app: "edge" }, servers: [server] });
  const judge = validation({
    snapshot: () => mesh,
    read: () => ({ resource: gateway, diagnostics: [] }),
    elapsed: () => 0,
  });
  const kind = { group: "networking.istio.io", version: "v1", kind: "Gateway" };
  return judge({ uid: "1", operation: "CREATE", kind, object: {} } as Parameters<typeof judge>[0]).warnings;
}

const https = { port: { number: 443, name: "https", protocol: "HTTPS" }, hosts: ["*"] };

test("a Secret that nobody had named is not read: whether it is there is not for the webhook to say", () => {
  const said = warnings({ ...https, tls: { mode: "SIMPLE", credentialName: "front" } });
  expect(said).toEqual([expect.stringMatching(/^IST0162 /)]);
});
