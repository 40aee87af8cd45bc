import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Values } from "../../../src/install/chart.ts";
import { readCharts } from "../../../src/install/installation.ts";
import { render } from "../../../src/install/render.ts";
import { overlay } from "../../../src/install/values.ts";
import { permissions } from "./permissions.ts";

const { weft } = readCharts(join(import.meta.dirname, "../../../charts"));
const release = { name: "weft", namespace: "istio-system", service: "weft" };

const cases: Readonly<Record<string, Values>> = {
  default: {},
  canary: { revision: "canary", revisionTags: ["prod"] },
  minimal: { gatewayController: false, webhooks: { injection: false, validation: false }, gateways: [] },
  console: { console: { impersonation: { users: ["ann@example.com"], groups: ["shop"] } } },
  everything: { secrets: { namespaces: ["shop"] }, cni: { enabled: true, repair: "delete" } },
};

describe("who may do what: a line more is a right more, and must be meant", () => {
  test.each(Object.entries(cases))("%s", (name, values) => {
    const found = `${permissions(render(weft, overlay(weft.values, values), release)).join("\n")}\n`;
    const file = join(import.meta.dirname, "testdata", `rbac-${name}.txt`);
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(file, found);
    expect(existsSync(file)).toBe(true);
    expect(found).toBe(readFileSync(file, "utf8"));
  });

  test("nobody may do what nobody needs, whatever the values", () => {
    for (const values of Object.values(cases)) {
      const all = permissions(render(weft, overlay(weft.values, values), release));
      expect(all.length).toBeGreaterThan(40);
      for (const line of all) {
        expect(line).not.toContain("*");
        // Those alone who are named.
        expect(line).not.toMatch(/impersonate(?! users ann@example\.com$| groups shop$)/);
        expect(line).not.toMatch(/escalate|bind |pods\/|nodes\/|serviceaccounts\/token/);
        expect(line).not.toMatch(/everywhere.* secrets/);
        expect(line).not.toMatch(/(create|patch|update) pods/);
      }
    }
  });
});
