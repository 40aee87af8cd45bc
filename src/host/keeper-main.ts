import { keep } from "./keeper.ts";

/** `keeper-main.ts SOCKET [PORT=FD ...]`: runs the keeper until it is told to end. */
export async function keeperMain(argv: readonly string[]): Promise<void> {
  const [socketPath, ...doors] = argv;
  if (socketPath === undefined)
    throw new Error("keeper: the path of its socket is missing; give it as the first argument");
  const inherited = new Map<number, number[]>();
  for (const door of doors) {
    const [port, fd] = door.split("=").map(Number) as [number, number];
    inherited.set(port, [...(inherited.get(port) ?? []), fd]);
  }
  process.on("SIGTERM", () => process.exit(0));
  process.on("SIGHUP", () => {});
  await keep({ socketPath, inherited });
  process.stdout.write("ready\n");
}

if (import.meta.main) await keeperMain(process.argv.slice(2));
