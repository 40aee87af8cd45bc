import { parse } from "yaml";
import { isInterface, isRange } from "../agent/capture.ts";

/** Why a value of an annotation is wrong, and what to write: a phrase; undefined where it is right. */
export type ValueCheck = (value: string) => string | undefined;

export const isFlag: ValueCheck = (value) =>
  /^(1|0|t|f|true|false)$/i.test(value) ? undefined : 'is neither "true" nor "false"';

export const isCount: ValueCheck = (value) => (/^\d{1,9}$/.test(value) ? undefined : "is not a number of 0 or more");

/** Sizes of Kubernetes: `100m`, `0.5`, `64Mi`. */
export const isQuantity: ValueCheck = (value) =>
  /^\d+(\.\d+)?([numkMGTPE]|[KMGTPE]i|e\d+)?$/.test(value) ? undefined : 'is not a quantity; write "100m" or "64Mi"';

export const isPort: ValueCheck = (value) =>
  /^\d+$/.test(value.trim()) && Number(value) < 65_536 ? undefined : "is not a port (0 to 65535)";

const wrong = (value: string, right: (part: string) => boolean): string | undefined =>
  value.split(",").find((part) => value.trim() !== "" && !right(part.trim()));

export const arePorts: ValueCheck = (value) => {
  const part = wrong(value, (port) => /^\d+$/.test(port) && Number(port) > 0 && Number(port) < 65_536);
  return part === undefined ? undefined : `has "${part.trim()}", which is no port; write "80,443"`;
};

export const arePortsOrAll: ValueCheck = (value) => (value.trim() === "*" ? undefined : arePorts(value));

export const areRanges: ValueCheck = (value) => {
  const part = wrong(value, isRange);
  return part === undefined ? undefined : `has "${part.trim()}", which is no range; write "10.0.0.0/8,192.168.1.1/32"`;
};

export const areRangesOrAll: ValueCheck = (value) => (value.trim() === "*" ? undefined : areRanges(value));

export const areInterfaces: ValueCheck = (value) => {
  const part = wrong(value, isInterface);
  return part === undefined ? undefined : `has "${part.trim()}", which is no name of an interface; write "net1,net2"`;
};

export const isOneOf =
  (...words: readonly string[]): ValueCheck =>
  (value) =>
    words.includes(value) ? undefined : `is none of ${words.join(", ")}`;

/** JSON of name → object, as volumes and their mounts are said. */
export const isNamedObjects: ValueCheck = (value) => {
  try {
    const said: unknown = JSON.parse(value);
    const object = (each: unknown) => typeof each === "object" && each !== null && !Array.isArray(each);
    return object(said) && Object.values(said as object).every(object)
      ? undefined
      : 'is not JSON of names and objects; write {"NAME": {...}}';
  } catch (error) {
    return `is not JSON (${(error as Error).message})`;
  }
};

export const isYamlMap: ValueCheck = (value) => {
  try {
    const said = parse(value);
    return said === undefined || said === null || (typeof said === "object" && !Array.isArray(said))
      ? undefined
      : 'is not a map in YAML; write "concurrency: 2"';
  } catch (error) {
    return `is not YAML (${(error as Error).message.split("\n")[0]})`;
  }
};

export const isNotEmpty: ValueCheck = (value) => (value.trim() === "" ? "is empty" : undefined);

/** Go's durations, as Envoy's intervals are said. */
export const isDuration: ValueCheck = (value) =>
  /^\d+(\.\d+)?(ms|s|m|h)$/.test(value) ? undefined : 'is not a duration; write "5s"';
