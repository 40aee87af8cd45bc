// Builds the CNI plugin, one static program that needs nothing but its kernel (Go 1.21 or later, no network):
//   node scripts/cni-plugin.mjs FILE [amd64|arm64]
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../setup/run.mjs";

const source = fileURLToPath(new URL("../src/cni/plugin", import.meta.url));

/** Writes the program to `file`; the same source and Go give the same bytes. */
export async function buildCniPlugin(file, arch) {
  const env = {
    ...process.env,
    CGO_ENABLED: "0",
    GOOS: "linux",
    GOFLAGS: "",
    ...(arch === undefined ? {} : { GOARCH: arch }),
  };
  const flags = ["-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o", resolve(file)];
  await run("go", ["build", ...flags, "."], { cwd: source, env });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , file, arch] = process.argv;
  if (file === undefined) throw new Error("say where: node scripts/cni-plugin.mjs FILE [amd64|arm64]");
  await buildCniPlugin(file, arch);
}
