import { deepStrictEqual } from "node:assert";
import { test } from "vitest";
import type { Resource } from "../../model/resource.ts";
import { validateMeshConfig } from "./mesh-config.ts";

const told = (spec: object) => {
  const position = { file: "mesh.yaml", line: 1, column: 1 };
  const origin = { ...position, at: "mesh.yaml:1:1", locate: () => position };
  const found = validateMeshConfig({ spec, origin } as unknown as Resource);
  return found.map(({ level, path, message, fix }) => [level, path?.join("."), message, fix]);
};

test("a format that no proxy would take is told with its place and what was meant", () => {
  const instead = "the log is written in Istio's own format";
  const spec = {
    accessLogFormat: "%PROTOCOLL%",
    extensionProviders: [
      { name: "a", envoyFileAccessLog: { logFormat: { labels: { b: "%RESPONSE_CODE" } } } },
      { name: "c", envoyOtelAls: { service: "x", port: 1, logFormat: { text: "%DURATION%" } } },
    ],
  };
  deepStrictEqual(told(spec), [
    [
      "Warning",
      "accessLogFormat",
      `%PROTOCOLL% is no command of an access log: ${instead}`,
      "did you mean %PROTOCOL%?",
    ],
    [
      "Warning",
      "extensionProviders.0.envoyFileAccessLog.logFormat.labels",
      `%RESPONSE_CODE does not end: ${instead}`,
      "write %RESPONSE_CODE%, %RESPONSE_CODE(ARGUMENT)% or %RESPONSE_CODE(ARGUMENT):LENGTH%",
    ],
  ]);
});
