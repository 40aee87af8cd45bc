// The register of threats (data/security): `node scripts/security.mjs` makes the tables of SECURITY.md anew. Rows are written by hand.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withThreats } from "./security/page.ts";

const page = join(fileURLToPath(new URL("..", import.meta.url)), "SECURITY.md");
writeFileSync(page, withThreats(readFileSync(page, "utf8")));
