import { isIP } from "node:net";

/** Environment variables, handed in so that tests can start an application with their own. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What every application of the sample reads from its environment. */
export interface Settings {
  /** The one address to listen on; undefined for all. */
  readonly host: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  /** The Pod's name, from the downward API (`fieldRef: metadata.name`). */
  readonly pod: string;
  /** v1, v2, ... */
  readonly version: string;
}

/** Reads HOST (default all addresses), PORT (default 9080), POD_NAME and SERVICE_VERSION (default v1). */
export function readSettings(env: Env, service: string): Settings {
  const version = env["SERVICE_VERSION"] || "v1";
  return {
    host: readHost(env),
    port: readNumber(env, "PORT", 9080, 65_535),
    pod: env["POD_NAME"] || env["HOSTNAME"] || `${service}-${version}`,
    version,
  };
}

/** HOST where it is an address. Some shells export the machine's name under it, which is not meant for us. */
export function readHost(env: Env): string | undefined {
  return isIP(env["HOST"] ?? "") === 0 ? undefined : env["HOST"];
}

/** A whole number from the environment; throws an Error that says what to write instead. */
export function readNumber(env: Env, name: string, otherwise: number, most: number): number {
  const text = env[name];
  if (text === undefined || text === "") return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw new Error(
      `environment variable ${name}: "${text}" is not a whole number from 0 to ${most}; set it to one, or unset it for ${otherwise}`,
    );
  }
  return value;
}

/** The base URL of an upstream (`http://details:9080`); throws an Error that says what to write instead. */
export function readUpstream(env: Env, name: string, otherwise: string): URL {
  const text = env[name] || otherwise;
  if (!URL.canParse(text) || new URL(text).protocol !== "http:") {
    throw new Error(`environment variable ${name}: "${text}" is not an http:// address; write it like ${otherwise}`);
  }
  return new URL(text);
}
