// Writes the table of values in docs/install.md from charts/weft: `node scripts/values-table.mjs`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withTable } from "./values-table/table.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = join(root, "docs/install.md");
writeFileSync(page, withTable(readFileSync(page, "utf8"), join(root, "charts/weft")));
