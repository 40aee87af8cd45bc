import { hash } from "node:crypto";
import { createClient } from "@redis/client";
import type { Bucket, Counters, Taken } from "./bucket.ts";

/**
 * `take` of bucket.ts for several keys at once: a script, so that nobody comes in between, by the server's clock, so that control planes whose
 * clocks differ agree. A bucket that is full again is not kept.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local rounding = now * 4.440892098500626e-16
local answer, keep, passes = {}, {}, true
for i, key in ipairs(KEYS) do
  local interval, burst, binding = tonumber(ARGV[i * 3 - 2]), tonumber(ARGV[i * 3 - 1]), ARGV[i * 3] == '1'
  local base = math.max(tonumber(redis.call('GET', key) or now), now)
  local room = burst * interval
  local allowed = base + interval - now <= room + rounding
  local after = allowed and base + interval or base
  if binding and not allowed then passes = false end
  keep[i] = allowed and { after, binding }
  local remaining = math.max(0, math.floor((room - (after - now) + rounding) / interval))
  local wait = remaining > 0 and 0 or math.max(0, after + interval - room - now)
  answer[#answer + 1] = allowed and 1 or 0
  answer[#answer + 1] = remaining
  answer[#answer + 1] = math.ceil(wait)
end
for i, key in ipairs(KEYS) do
  if keep[i] and (passes or not keep[i][2]) then
    redis.call('SET', key, string.format('%.17g', keep[i][1]), 'PX', math.ceil(keep[i][1] - now) + 1)
  end
end
return answer`;

const digest = hash("sha1", script, "hex");

/** All keys of the mesh begin with it. */
const lead = "weft:limit:";

export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, `rediss://...` for TLS. */
  readonly url: string;
  /** Told when it is lost or found again, once each. */
  onChange(state: { readonly reachable: boolean; readonly error?: string }): void;
}

/** Counters in a Redis that several control planes share. While it cannot be reached every `take` rejects at once; it is sought again all the time. */
export function redisCounters({ url, onChange }: RedisOptions): Counters {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 2000, reconnectStrategy: (tries) => Math.min(2000, 50 * 2 ** Math.min(tries, 6)) },
  });
  let reachable: boolean | undefined;
  const changed = (now: boolean, error?: string) => {
    if (reachable === now) return;
    reachable = now;
    onChange({ reachable: now, ...(error === undefined ? {} : { error }) });
  };
  client.on("ready", () => changed(true));
  client.on("error", (error: Error) => changed(false, error.message));
  // It seeks until it finds; what goes wrong is told as an error above.
  void client.connect().catch(() => {});
  const run = (command: "EVAL" | "EVALSHA", body: string, rest: readonly string[]) =>
    client.sendCommand<number[]>([command, body, ...rest]);
  return {
    async take(buckets) {
      const rest = [`${buckets.length}`, ...buckets.map(({ key }) => lead + key), ...buckets.flatMap(settings)];
      const said = await run("EVALSHA", digest, rest).catch((error: Error) => {
        if (!error.message.startsWith("NOSCRIPT")) throw error;
        return run("EVAL", script, rest);
      });
      return buckets.map((_, i): Taken => {
        const [allowed, remaining = 0, waitMs = 0] = said.slice(i * 3, i * 3 + 3);
        return { allowed: allowed === 1, remaining, waitMs };
      });
    },
    async close() {
      client.destroy();
    },
  };
}

function settings({ intervalMs, burst, binding }: Bucket): readonly string[] {
  return [`${intervalMs}`, `${burst}`, binding ? "1" : "0"];
}
