import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly link?: boolean;
}

const root = join(import.meta.dirname, "../..");
const read = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));

describe.each(["", "console/"])("the packages of %s.", (folder) => {
  const { dependencies = {}, devDependencies = {} } = read(`${folder}package.json`) as Record<string, object>;
  const { lockfileVersion, packages } = read(`${folder}package-lock.json`) as {
    lockfileVersion: number;
    packages: Record<string, Locked>;
  };
  const locked = Object.entries(packages).filter(([path, { link }]) => path !== "" && link !== true);

  test("are named by exact versions, and locked with what is in them", () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^(\d+\.\d+\.\d+(-[\w.]+)?|npm:[\w@/-]+@\d+\.\d+\.\d+)$/.test(String(version)),
    );
    expect(loose).toEqual([]);
    expect(lockfileVersion).toBe(3);
    expect(locked.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
  });

  test("that run are few, and run nothing when they are installed", () => {
    const running = locked.filter(([, { dev, devOptional }]) => !dev && !devOptional);
    expect(running.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
    // One more is a decision: a person has to read it, now and at each release of it.
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(folder === "" ? 18 : 21);
    expect(running.length).toBeLessThanOrEqual(115);
  });

  test("for which the world has had bad versions are of good ones", () => {
    const at = (name: string) =>
      locked.filter(([path]) => path.endsWith(`node_modules/${name}`)).map(([, { version }]) => version);
    // gRPC and protobuf are our own frames and @bufbuild's: neither bombs nor prototypes of these (CVE-2024-37168, CVE-2023-36665).
    expect([...at("@grpc/grpc-js"), ...at("protobufjs")]).toEqual([]);
    // CVE-2025-64718.
    for (const version of at("js-yaml")) expect(Number(version.split(".")[0])).toBeGreaterThanOrEqual(5);
  });
});
