// The ledger of fields (data/ledger): `node scripts/ledger.mjs` adds an empty row for each field that nobody has judged, drops rows that no schema
// has, and makes the tables of docs/compatibility.md anew. Verdicts are written by hand.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ledgerTypes } from "./ledger/fields.ts";
import { judgedFields, strayRows } from "./ledger/judged.ts";
import { withTables } from "./ledger/page.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

for (const type of ledgerTypes()) {
  const file = join(root, "data/ledger", `${type}.yaml`);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const stray = new Set(strayRows(type));
  const kept = lines.filter((line) => line !== "" && !stray.has(line.split(": ", 1)[0]));
  // A field below one that is missing too has its verdict.
  const missing = judgedFields(type).filter((field) => field.judgement === undefined);
  const tops = missing.filter(({ path }) => !missing.some((m) => path !== m.path && path.startsWith(m.path)));
  const added = tops.map(({ path }) => `${path}: {}`).filter((line) => !kept.includes(line));
  writeFileSync(file, `${[...kept, ...added].join("\n")}\n`);
  for (const line of added) console.log(`${type}: judge ${line}`);
  for (const path of stray) console.log(`${type}: ${path} is in no schema; dropped, unless it is of a shared file`);
}

const page = join(root, "docs/compatibility.md");
writeFileSync(page, withTables(readFileSync(page, "utf8")));
