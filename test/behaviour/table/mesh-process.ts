import { up } from "../../../src/main/up.ts";

// The table's mesh in a process of its own: node mesh-process.ts FOLDER HTTP HTTPS CONSOLE. Ends on SIGTERM.
const [folder = "", http, https, consoleAt] = process.argv.slice(2);
const view = { workloads() {}, note: (line: string) => process.stderr.write(`${line}\n`), end() {} };
const mesh = await up(
  {
    folders: [`${folder}/mesh`],
    name: "table",
    stateDir: `${folder}/state`,
    registryDir: `${folder}/state/registry`,
    httpPort: Number(http),
    httpsPort: Number(https),
    consolePort: Number(consoleAt),
    meshConfig: `${folder}/mesh-config.yaml`,
    signal: AbortSignal.timeout(90_000),
  },
  view,
);
process.on("SIGTERM", () => void mesh.stop().then(() => process.exit(0)));
process.stdout.write("up\n");
