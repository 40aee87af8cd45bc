import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { withTable } from "../../../scripts/values-table/table.mjs";
import { readCharts } from "../../../src/install/installation.ts";
import { judgeValues, type ValuesSchema } from "../../../src/install/schema.ts";

const root = join(import.meta.dirname, "../../..");
const { weft } = readCharts(join(root, "charts"));
const schema = weft.schema as ValuesSchema;
const judged = (values: unknown) => judgeValues(schema, values).map(({ path, what }) => `${path.join(".")}: ${what}`);

test("the table in docs/install.md is the schema's", () => {
  const page = readFileSync(join(root, "docs/install.md"), "utf8");
  expect(withTable(page, join(root, "charts/weft"))).toBe(page);
});

test("the chart's own values and its profiles pass, and each has its place in the schema", () => {
  expect(judged(weft.values)).toEqual([]);
  for (const name of ["default", "demo", "minimal"])
    expect(judged(parse(readFileSync(join(root, "charts/weft/profiles", `${name}.yaml`), "utf8")))).toEqual([]);
});

test.each([
  [{ controlPlan: {} }, "controlPlan: is no value; did you mean controlPlane?"],
  [{ controlPlane: { replicas: "three" } }, 'controlPlane.replicas: "three" is no integer'],
  [{ controlPlane: { replicas: -1 } }, "controlPlane.replicas: -1 is less than 0"],
  [{ revision: "1.2" }, 'revision: "1.2" is no name: small letters, digits and dashes'],
  [{ shared: "yes" }, 'shared: "yes" is not one of auto, true, false'],
  [{ image: { hub: "" } }, "image.hub: is empty"],
  [{ webhooks: { timeoutSeconds: 31 } }, "webhooks.timeoutSeconds: 31 is more than 30"],
  [{ gateways: [{ labels: { a: 1 } }] }, "gateways.0: name is missing"],
  [{ controlPlane: { env: { A: 1 } } }, "controlPlane.env.A: 1 is no string"],
  [{ meshConfig: [] }, "meshConfig: [] is no object"],
])("%j is refused", (values, message) => {
  expect(judged(values)).toContain(message);
});

test("null takes a value away, whatever it is", () => {
  expect(judged({ controlPlane: null, gateways: null })).toEqual([]);
});
