import { afterAll, expect, test } from "vitest";
import { Product } from "../e2e/product.ts";

const product = new Product({ port: 29_230 });
afterAll(() => product.close());

test("leaves and roots rotate under load, each request a new handshake, and none fails", {
  timeout: 180_000,
}, async () => {
  const ports = ["--http-port", String(product.ports.http), "--console-port", String(product.ports.console)];
  const lives = ["--leaf-ttl", "10s", "--root-ttl", "60s", "--for", "30s", "--rate", "20"];
  const { status, stdout, stderr } = await product.run(["certs", "rehearse", ...ports, ...lives, "-o", "json"]);
  expect(stderr).not.toContain("error");
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({ kind: "CertificateRehearsal", requests: 600, failed: 0, errors: {} });
  expect(told.leafRotations).toBeGreaterThanOrEqual(3);
  expect(told.rootRotations).toBeGreaterThanOrEqual(1);
  expect(status).toBe(0);
});
