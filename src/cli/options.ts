import { InvalidArgumentError, Option } from "commander";
import { eagerPolicies } from "../discovery/eager-policy.ts";

/** `-o, --output <format>` with its choices. */
export function outputOption(formats: readonly string[], fallback = formats[0] as string): Option {
  return new Option("-o, --output <format>", "how to print it").choices([...formats]).default(fallback);
}

export function namespaceOption(): Option {
  return new Option("-n, --namespace <name>", "only this namespace");
}

/** Whose control plane, where a cluster has several. */
export function revisionOption(): Option {
  return new Option("--revision <name>", "the control plane of this revision");
}

export function allNamespacesOption(): Option {
  return new Option("-A, --all-namespaces", "all namespaces (the default without -n)");
}

/** What of all that it may call a sidecar has from the start. */
export function eagerOption(): Option {
  return new Option("--eager <what>", "what sidecars have from the start; the rest they ask for at first use")
    .choices(eagerPolicies)
    .default(eagerPolicies[0]);
}

/** Where limits of scope Global are counted. Its URL may hold a password, which a variable keeps out of the list of processes. */
export function rateLimitRedisOption(): Option {
  return new Option("--rate-limit-redis <url>", "where limits of scope Global are counted, redis://HOST:6379/0").env(
    "WEFT_RATE_LIMIT_REDIS",
  );
}

/** Whose history the console shows. */
export function prometheusOption(): Option {
  return new Option("--prometheus <url>", "asked for traffic in place of the own history, http://HOST:9090")
    .env("WEFT_PROMETHEUS")
    .argParser(prometheusUrl);
}

function prometheusUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "") return text;
  throw new InvalidArgumentError('it is no address of a Prometheus; write it like "http://127.0.0.1:9090"');
}

/** Who may log in to the console. */
export function accessOption(): Option {
  return new Option("--access <file>", "who may log in to the console, and what they may").env("WEFT_ACCESS");
}

/** Where else the console listens. */
export function consoleAddressOption(): Option {
  return new Option("--console-address <ip>", "what the console listens on beside loopback").env(
    "WEFT_CONSOLE_ADDRESS",
  );
}

/** What the control plane may fetch from beside the public internet and the mesh. */
export function fetchFromOption(): Option {
  return listOption(
    "--fetch-from <cidrs>",
    "private addresses that keys and modules may be fetched from, 10.0.0.0/8",
  ).env("WEFT_FETCH_FROM");
}

/** Whose traces the console and `weft traces` show in the place of those that the control plane keeps. */
export function tracesOption(): Option {
  return new Option(
    "--traces <url>",
    "a Zipkin, Tempo or Jaeger that is asked for traces, zipkin+http://HOST:9411, tempo+http://HOST:3200, jaeger+http://HOST:16686",
  )
    .env("WEFT_TRACES")
    .argParser((text) => {
      if (/^(zipkin|tempo|jaeger)\+https?:\/\//.test(text) && URL.canParse(text.replace(/^\w+\+/, ""))) return text;
      throw new InvalidArgumentError(
        "Write it like zipkin+http://127.0.0.1:9411, tempo+http://127.0.0.1:3200 or jaeger+http://127.0.0.1:16686.",
      );
    });
}

/** A port: 1 to 65535, or 0 for any that is free. */
export function portOption(flags: string, description: string, fallback: number): Option {
  return new Option(flags, description)
    .argParser((text) => {
      const port = Number(text);
      if (Number.isInteger(port) && port >= 0 && port <= 65535 && text.trim() !== "") return port;
      throw new InvalidArgumentError("It is no port: write a number from 0 to 65535.");
    })
    .default(fallback);
}

/** Collects an option that may be given several times, each with several values separated by commas. */
export function listOption(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser<string[]>((text, before) => [...(before ?? []), ...text.split(",").filter((part) => part !== "")])
    .default([]);
}

/** `true` for a flag without a value, `=true`, `=false`: as istioctl's flags are written. */
export function booleanOption(flags: string, description: string, fallback: boolean): Option {
  return new Option(`${flags} [bool]`, description)
    .preset("true")
    .argParser((text) => {
      if (text === "true" || text === "false") return text === "true";
      throw new InvalidArgumentError("Write true or false.");
    })
    .default(fallback);
}
