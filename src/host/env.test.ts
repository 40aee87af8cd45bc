import { expect, test } from "vitest";
import type { Resource } from "../model/resource.ts";
import { baseEnv, containerEnv, type EnvContext } from "./env.ts";

const origin = { file: "a", line: 1, column: 1, at: "a:1:1", locate: () => ({ file: "a", line: 1, column: 1 }) };
const resource = (type: string, name: string, data: Record<string, unknown>): Resource => {
  const rest = { labels: {}, annotations: {}, createdAt: 0, generation: 1, spec: undefined, origin };
  return { type, namespace: "default", name, apiVersion: "v1", ...rest, data };
};
const objects = [
  resource("ConfigMap", "settings", { data: { level: "debug", size: 3 } }),
  resource("Secret", "keys", { data: { token: Buffer.from("s3cret").toString("base64") }, stringData: { plain: "p" } }),
];
const context: EnvContext = {
  pod: { name: "reviews-0", namespace: "default", uid: "u1", ip: "10.0.0.7", nodeName: "laptop", serviceAccount: "sa" },
  labels: { app: "reviews" },
  annotations: { note: "n" },
  find: (type, name) => objects.find((object) => object.type === type && object.name === name),
};

test("values, fields of the Pod, ConfigMaps and Secrets", () => {
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  const { env, problems } = containerEnv(
    {
      name: "c",
      env: [
        field("NAME", "metadata.name"),
        field("NS", "metadata.namespace"),
        field("IP", "status.podIP"),
        field("SA", "spec.serviceAccountName"),
        field("APP", "metadata.labels['app']"),
        field("NOTE", "metadata.annotations['note']"),
        { name: "LEVEL", valueFrom: { configMapKeyRef: { name: "settings", key: "level" } } },
        { name: "SIZE", valueFrom: { configMapKeyRef: { name: "settings", key: "size" } } },
        { name: "TOKEN", valueFrom: { secretKeyRef: { name: "keys", key: "token" } } },
        { name: "PLAIN", valueFrom: { secretKeyRef: { name: "keys", key: "plain" } } },
        { name: "URL", value: "http://$(NAME).$(NS)/$$(NAME)/$(NOBODY)" },
      ],
    },
    context,
  );
  expect(problems).toEqual([]);
  expect(env).toEqual({
    ...{
      NAME: "reviews-0",
      NS: "default",
      IP: "10.0.0.7",
      SA: "sa",
      APP: "reviews",
      NOTE: "n",
      LEVEL: "debug",
      SIZE: "3",
      TOKEN: "s3cret",
      PLAIN: "p",
    },
    URL: "http://reviews-0.default/$(NAME)/$(NOBODY)",
  });
});

test("envFrom brings all keys, with its prefix; env wins", () => {
  const { env } = containerEnv(
    {
      name: "c",
      envFrom: [{ prefix: "S_", configMapRef: { name: "settings" } }],
      env: [{ name: "S_size", value: "9" }],
    },
    context,
  );
  expect(env).toEqual({ S_level: "debug", S_size: "9" });
});

test("what is missing is told, unless it is optional", () => {
  const from = (name: string, valueFrom: object) => ({ name, valueFrom });
  const { env, problems } = containerEnv(
    {
      name: "c",
      envFrom: [{ secretRef: { name: "none" } }, { secretRef: { name: "none", optional: true } }],
      env: [
        from("A", { configMapKeyRef: { name: "none", key: "x" } }),
        from("B", { configMapKeyRef: { name: "settings", key: "x" } }),
        from("C", { configMapKeyRef: { name: "none", key: "x", optional: true } }),
        from("D", { fieldRef: { fieldPath: "status.phase" } }),
      ],
    },
    context,
  );
  expect(env).toEqual({});
  expect(problems).toEqual([
    "envFrom: there is no Secret none",
    "A: there is no ConfigMap none",
    "B: ConfigMap settings has no key x",
    "D: there is no field status.phase",
  ]);
});

test("the caller's environment goes on, without what is the caller's own and what leads around the mesh", () => {
  const caller = {
    PATH: "/usr/bin",
    LANG: "C",
    HOME: "/h",
    npm_config_x: "1",
    WEFT_ENVOY: "e",
    HTTPS_PROXY: "p",
    no_proxy: "n",
    NODE_OPTIONS: "-r x",
    SUDO_UID: "5",
    JAVA_HOME: "/j",
  };
  expect(baseEnv(caller, "/node/bin")).toEqual({ PATH: "/node/bin:/usr/bin", LANG: "C", HOME: "/h", JAVA_HOME: "/j" });
});
