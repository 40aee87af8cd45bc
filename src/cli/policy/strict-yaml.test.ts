import { deepStrictEqual, match } from "node:assert";
import { test } from "vitest";
import { parse } from "yaml";
import { strictYaml } from "./strict-yaml.ts";

const object = (name: string, spec: string) => ({
  name,
  at: `${name}.yaml:1:1`,
  yaml: `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: ${name}, namespace: shop}\n# why\nspec: ${spec}\n`,
});

test("the PeerAuthentication of the whole namespace gets another mode and keeps the rest", async () => {
  const { text, exceptions } = await strictYaml("shop", [
    object("db", "{selector: {matchLabels: {app: db}}, mtls: {mode: DISABLE}}"),
    object("all", "{mtls: {mode: PERMISSIVE}}"),
  ]);
  deepStrictEqual((parse(text) as { metadata: object; spec: object }).metadata, { name: "all", namespace: "shop" });
  deepStrictEqual((parse(text) as { spec: object }).spec, { mtls: { mode: "STRICT" } });
  match(text, /# why/);
  deepStrictEqual(
    exceptions.map(({ name }) => name),
    ["db"],
  );
});

test("without one there is a new one", async () => {
  const { text } = await strictYaml("shop", [object("db", "{selector: {matchLabels: {app: db}}}")]);
  deepStrictEqual(parse(text), {
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "default", namespace: "shop" },
    spec: { mtls: { mode: "STRICT" } },
  });
});
