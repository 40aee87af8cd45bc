import { connect } from "node:http2";
import { afterEach, expect, test } from "vitest";
import { handClock, start, stopAll } from "./server.fixture.ts";

afterEach(stopAll);

/** The status of a POST in JSON; `body` absent: it never ends. */
async function post(port: number, body: string | undefined, headers: Record<string, string> = {}, path = "/spans") {
  const connection = connect(`http://127.0.0.1:${port}`);
  try {
    return await new Promise<number>((resolve, reject) => {
      const all = { "content-type": "application/json", authorization: "Bearer good", ...headers };
      const stream = connection.request({ ":method": "POST", ":path": path, ...all });
      stream.on("response", (answer) => resolve(Number(answer[":status"])));
      stream.on("error", reject);
      if (body === undefined) stream.write("[");
      else stream.end(body);
    });
  } finally {
    connection.destroy();
  }
}

function taking(got: unknown[]) {
  const take = (peer: string, body: Buffer) => {
    got.push([peer, body.toString()]);
    return 202;
  };
  return { posts: new Map([["/spans", take]]) };
}

test("what is posted there is handed on with who posted it", async () => {
  const got: unknown[] = [];
  const { port } = await start(taking(got));
  expect(await post(port, "[1]")).toBe(202);
  expect(got).toEqual([["good", "[1]"]]);
});

test("nothing is taken of a stranger, at another path, as gRPC, or beyond a megabyte", async () => {
  const got: unknown[] = [];
  const { port } = await start(taking(got));
  expect(await post(port, "[1]", { authorization: "Bearer bad" })).toBe(200);
  expect(await post(port, "[1]", {}, "/other")).toBe(415);
  expect(await post(port, "[1]", { "content-type": "application/grpc" })).toBe(200);
  expect(await post(port, "x".repeat((1 << 20) + 1))).toBe(413);
  expect(got).toEqual([]);
});

test("a fault of ours is told as one, and who sends no end is not waited for", async () => {
  const hand = handClock();
  const fault = () => {
    throw new Error("ours");
  };
  const { port } = await start({ clock: hand.clock, posts: new Map([["/spans", fault]]) });
  expect(await post(port, "[1]")).toBe(500);
  const endless = post(port, undefined);
  await expect.poll(() => hand.waiting().filter((ms) => ms === 30_000).length).toBeGreaterThan(0);
  await expect
    .poll(() => {
      hand.fire(30_000);
      return Promise.race([endless, new Promise((done) => setTimeout(done, 20, "waits"))]);
    })
    .toBe(408);
});
