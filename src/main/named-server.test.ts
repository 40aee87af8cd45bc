import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { namedServer } from "./named-server.ts";

/** Answers what it was asked, and by whom. */
async function echo(): Promise<number> {
  const server = createServer((request, response) => {
    const status = Number(request.url?.slice(1));
    response.writeHead(status).end(`${request.url} ${request.headers.authorization ?? "nobody"}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test("a name and a password are sent and shown to nobody", async () => {
  const port = await echo();
  const server = namedServer(`http://me:pass%3Aword@127.0.0.1:${port}/`);
  expect(server.url).toBe(`http://127.0.0.1:${port}`);
  expect(await server.ask(`${server.url}/200`)).toBe(`/200 Basic ${btoa("me:pass:word")}`);
});

test("without them nobody is said to ask; 404 is no answer, and what else is not 200 is told", async () => {
  const port = await echo();
  const { url, ask } = namedServer(`http://127.0.0.1:${port}`);
  expect(await ask(`${url}/200`)).toBe("/200 nobody");
  expect(await ask(`${url}/404`)).toBeUndefined();
  await expect(ask(`${url}/503`)).rejects.toThrow("it answered 503: /503 nobody");
});
