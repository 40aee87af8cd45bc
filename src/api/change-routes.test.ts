import { deepStrictEqual, strictEqual } from "node:assert";
import { describe, test } from "vitest";
import type { ConfigChange } from "./contract/changes.ts";
import { ask, post, start } from "./testdata/served.ts";

const change: ConfigChange = {
  ...{ id: "c1", at: 1, who: "ann", takenBack: false },
  objects: [{ type: "X.y", kind: "X", namespace: "default", name: "x", outcome: "created" }],
};

describe("changes that can be taken back", () => {
  test("an applied change says by which id, and it is listed", async () => {
    await start({
      apply: async (_text, { kept }) => {
        kept?.("c1");
        return [{ name: "x.y/x", namespace: "default", outcome: "created", diagnostics: [] }];
      },
      changes: () => [change],
    });
    strictEqual((await post("/api/v1/apply", "kind: X")).json.change, "c1");
    deepStrictEqual((await ask("/api/v1/changes")).json, [change]);
  });

  test("taking back answers what became of it, a conflict is one, and what is not kept is not found", async () => {
    await start({
      takeBack: async (id) => {
        if (id === "c1")
          return { objects: [{ name: "x.y/x", namespace: "default", outcome: "deleted", diagnostics: [] }] };
        return id === "c2" ? { conflict: "it was changed again since" } : undefined;
      },
    });
    strictEqual((await post("/api/v1/changes/c1/undo")).json.objects[0].outcome, "deleted");
    strictEqual((await post("/api/v1/changes/c2/undo")).status, 409);
    strictEqual((await post("/api/v1/changes/c3/undo")).status, 404);
    strictEqual((await post("/api/v1/changes/c1/undo", "", {})).status, 401);
  });

  test("where nothing is kept there is nothing to list, and nothing to take back", async () => {
    await start();
    deepStrictEqual((await ask("/api/v1/changes")).json, []);
    strictEqual((await post("/api/v1/changes/c1/undo")).status, 501);
  });
});
