import type { Resource, Type } from "../../src/model/resource.ts";
import type { Dice } from "./dice.ts";

export const namespaces = ["a", "b", "c", "istio-system"];
export const names = ["cart", "pay", "db", "web"];
export const outside = ["api.example.com", "*.wild.example.com", "pay.example.com"];
let written = 0;

/** Every object that is written has another place, as a file that was edited. */
export function object(
  type: Type,
  namespace: string,
  name: string,
  spec: unknown,
  more: Partial<Resource> = {},
): Resource {
  const position = { file: `${name}.yaml`, line: ++written, column: 1 };
  const origin = { ...position, at: `${namespace}/${name}.yaml:${written}:1`, locate: () => position };
  const base = { type, namespace, name, apiVersion: "v1", labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  return Object.freeze({ ...base, spec: JSON.parse(JSON.stringify(spec)), origin, ...more });
}

export type Make = (dice: Dice, namespace: string, name: string) => Resource;
