import type { Container } from "./pod.ts";

/** Lists of a container whose items have a name: by what key. Others are taken whole. Source: patchMergeKey of k8s.io/api core/v1. */
const keys: Readonly<Record<string, string>> = {
  env: "name",
  ports: "containerPort",
  volumeMounts: "mountPath",
  volumeDevices: "devicePath",
};

/** A made container with what a user says of it: theirs counts, lists of named items are joined. */
export function mergeContainer(made: Container, said: Container): Container {
  const { image, imagePullPolicy, ...rest } = said;
  // An image without a tag is `latest` to an API server, which fills in Always before it asks us.
  const pull = imagePullPolicy === undefined || imagePullPolicy === "Always" ? {} : { imagePullPolicy };
  const own = image === undefined || image === "auto" ? { ...rest, ...pull } : said;
  return mergeObjects(made as unknown as Plain, own as unknown as Plain) as unknown as Container;
}

type Plain = Readonly<Record<string, unknown>>;

function mergeObjects(made: Plain, said: Plain): Plain {
  const merged = Object.entries(said).map(([field, value]) => [field, merge(field, made[field], value)] as const);
  return { ...made, ...Object.fromEntries(merged) };
}

function merge(field: string, made: unknown, said: unknown): unknown {
  if (made === undefined) return said;
  const key = keys[field];
  if (key !== undefined && Array.isArray(made) && Array.isArray(said)) return mergeLists(key, made, said);
  // A probe and a hook do one thing: theirs, not both.
  if (isPlain(made) && isPlain(said)) return handler.test(field) ? said : mergeObjects(made, said);
  return said;
}

const handler = /(Probe|postStart|preStop)$/;

function mergeLists(key: string, made: readonly Plain[], said: readonly Plain[]): readonly Plain[] {
  const same = (a: Plain) => (b: Plain) => a[key] === b[key];
  const kept = made.map((item) => {
    const own = said.find(same(item));
    // A variable has a value or a source.
    return own === undefined ? item : key === "name" ? own : mergeObjects(item, own);
  });
  return [...kept, ...said.filter((item) => !made.some(same(item)))];
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
