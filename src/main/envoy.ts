import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CliError, exitCodes } from "../cli/exit.ts";
import { packageDir } from "./data.ts";

/** Path of the Envoy that is used; fetched when it is not there. Rejects with a CliError. */
export async function ensureEnvoy(warn: (line: string) => void): Promise<string> {
  const setup = (await import(
    pathToFileURL(join(packageDir, "setup", "envoy.mjs")).href
  )) as typeof import("../../setup/envoy.mjs");
  try {
    return await setup.ensureEnvoy({ warn });
  } catch (error) {
    throw new CliError(exitCodes.unexpected, (error as Error).message);
  }
}
