import { expect, test } from "vitest";
import { noAccessFile } from "../api/who/access-file.ts";
import { loopback } from "./addresses.ts";
import { consoleHosts } from "./console-hosts.ts";

test("an address that others reach needs a name, and TLS there or before it", () => {
  const secure = { ...noAccessFile, publicUrl: new URL("https://mesh.example.com") };
  const plain = { ...noAccessFile, publicUrl: new URL("http://mesh.example.com") };
  const tls = { certFile: "crt", keyFile: "key" };
  expect(consoleHosts(undefined, noAccessFile)).toEqual(loopback());
  expect(consoleHosts("127.0.0.1", noAccessFile)).toEqual(loopback());
  expect(() => consoleHosts("10.0.0.1", noAccessFile)).toThrow("no publicUrl");
  expect(() => consoleHosts("10.0.0.1", plain)).toThrow("in the clear");
  expect(consoleHosts("10.0.0.1", secure)).toEqual([...loopback(), "10.0.0.1"]);
  expect(consoleHosts("0.0.0.0", { ...plain, tls })).toEqual(["0.0.0.0"]);
});
