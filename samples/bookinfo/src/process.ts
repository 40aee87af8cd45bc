import { type Handler, serve } from "./server.ts";
import { type Env, readSettings, type Settings } from "./settings.ts";

/** How long a stop may take before the process leaves with requests open; below Kubernetes' 30 s grace. */
const STOP_MS = 20_000;

/** A handler, and what to release when its process ends. */
interface Application {
  readonly handler: Handler;
  readonly release?: () => Promise<void>;
}

/**
 * Runs one application as a process: reads its environment, serves, and on SIGTERM or SIGINT finishes what is under way.
 * Exits 1 with one line on stderr when it cannot start.
 */
export async function runApplication(
  service: string,
  make: (env: Env, settings: Settings) => Application | Promise<Application>,
): Promise<void> {
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    const settings = readSettings(process.env, service);
    const application = await make(process.env, settings);
    const running = await serve(service, settings, application.handler, log);
    log(`${service} ${settings.version} (${settings.pod}) listens on port ${running.port}`);
    const stop = async (signal: string): Promise<void> => {
      log(`${signal}: finishing the requests under way`);
      setTimeout(() => process.exit(1), STOP_MS).unref();
      await running.close();
      await application.release?.();
      process.exit(0);
    };
    process.once("SIGTERM", () => void stop("SIGTERM"));
    process.once("SIGINT", () => void stop("SIGINT"));
  } catch (error) {
    process.stderr.write(`${service}: ${startProblem(error)}\n`);
    process.exit(1);
  }
}

function startProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === "EADDRINUSE") return `port ${port} is taken; stop what listens there, or set PORT to another`;
  if (code === "EADDRNOTAVAIL")
    return `${error.message}; HOST is not an address of this machine, unset it or set it to one`;
  if (code === "EACCES") return `port ${port} needs privileges; set PORT to one above 1023`;
  return error.message;
}
