import { up } from "../../src/main/up.ts";

// A mesh of its own process, as user namespaces want it: node mesh-process.ts FOLDER STATE HTTP HTTPS CONSOLE. Ends on SIGTERM.
const [folder = "", state = "", http, https, consoleAt] = process.argv.slice(2);
const view = { workloads() {}, note: (line: string) => process.stderr.write(`${line}\n`), end() {} };
const mesh = await up(
  {
    folders: [folder],
    name: "behaviour",
    stateDir: state,
    registryDir: `${state}/registry`,
    httpPort: Number(http),
    httpsPort: Number(https),
    consolePort: Number(consoleAt),
    signal: AbortSignal.timeout(90_000),
  },
  view,
);
process.on("SIGTERM", () => void mesh.stop().then(() => process.exit(0)));
process.stdout.write("up\n");
