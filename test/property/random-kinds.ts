import { types } from "../../src/model/types.ts";
import type { Dice } from "./dice.ts";

/** What the mesh's random objects of our own kinds say. `host` makes the name of a service, there or not. */
export interface RandomKinds {
  readonly type: string;
  spec(dice: Dice, host: () => string): unknown;
}

const apps = ["cart", "pay", "db", "web"];
const selector = (dice: Dice) => dice.chance({ matchLabels: { app: dice.one(apps) } });
const paths = (dice: Dice) => dice.chance([`/${dice.number(3)}*`, "*.jpg"]);

export const randomKinds: readonly RandomKinds[] = [
  {
    type: types.RateLimit,
    spec: (dice) => ({
      selector: selector(dice),
      scope: dice.chance(dice.one(["Local", "Global"])),
      dryRun: dice.chance(true, 4),
      rules: ["a", "b"].slice(dice.number(2)).map((name) => ({
        name,
        match: dice.chance({
          hosts: dice.chance(["*.example.com"]),
          paths: paths(dice),
          principals: dice.chance(["*/sa/pay"]),
          remoteIpBlocks: dice.chance(["10.0.0.0/8"]),
          routes: dice.chance(["it's"], 4),
        }),
        per: dice.chance([
          { type: "Header", name: "x-user" },
          { type: dice.one(["Principal", "RemoteAddress", "Path"]) },
        ]),
        limit: { requests: dice.number(5) + 1, unit: dice.one(["Second", "Day"]), burst: dice.chance(3) },
      })),
    }),
  },
  {
    type: types.Compression,
    spec: (dice) => ({
      selector: selector(dice),
      algorithms: dice.chance(dice.one([["Gzip"], ["Zstd", "Brotli"]])),
      decompressRequests: dice.chance(true, 3),
      except: dice.chance([{ paths: ["/raw*"], hosts: dice.chance(["a.example.com"]) }], 3),
    }),
  },
  {
    type: types.Fallback,
    spec: (dice, host) => ({
      host: host(),
      subset: dice.chance(dice.one(["v1", "v2"]), 3),
      exportTo: dice.chance(dice.one([["."], ["*"], ["a"]]), 3),
      destinations: dice.chance([{ host: host(), subset: dice.chance("v1", 3) }, { host: host() }], 1),
      onServerError: dice.chance(dice.one(["Idempotent", "Always"])),
      response: dice.chance({ status: 200, body: "x", headers: { "x-a": "b" } }),
    }),
  },
];
