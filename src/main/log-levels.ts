import { askAdmin } from "../agent/admin.ts";
import type { LevelChange } from "../api/actions.ts";
import type { LogLevel, LogLevels } from "../api/contract/log-levels.ts";

const patienceMs = 5000;

/** What the loggers of the Envoy behind an admin socket write, after a change where one is asked for. Rejects where it does not answer. */
export async function logLevels(adminSocket: string, change?: LevelChange): Promise<LogLevels["loggers"]> {
  const query = change === undefined ? "" : `?${encodeURIComponent(change.logger ?? "level")}=${change.level}`;
  const { status, body } = await askAdmin({ path: adminSocket }, "POST", `/logging${query}`, patienceMs);
  if (status !== 200) throw new Error(`Envoy's admin interface answers ${status}`);
  return loggersIn(body);
}

/** Of Envoy's page: `  admin: warning` in a line each. */
function loggersIn(page: string): LogLevels["loggers"] {
  return page.split("\n").flatMap((line) => {
    const [, name, level] = /^\s+([\w.]+): (\w+)$/.exec(line) ?? [];
    return name === undefined || level === undefined ? [] : [{ name, level: level as LogLevel }];
  });
}
