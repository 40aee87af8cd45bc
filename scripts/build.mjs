// Builds `dist/`: the program as one bundle for installed packages, where Node strips no types, and the console.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

const dist = join(root, "dist");
// Images are made of what is built here, and stand beside it.
const stale = existsSync(dist) ? readdirSync(dist).filter((name) => name !== "images") : [];
for (const name of stale) rmSync(join(dist, name), { recursive: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { weft: "src/main/weft.ts", keeper: "src/host/keeper-main.ts", history: "src/main/history-worker.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  packages: "external",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});
const bytes = Object.values(metafile.outputs).reduce((sum, file) => sum + file.bytes, 0);
console.log(`dist: ${Object.keys(metafile.outputs).length} files, ${(bytes / 1e6).toFixed(1)} MB`);
