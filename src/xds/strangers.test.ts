import { EventEmitter } from "node:events";
import type { Http2Session } from "node:http2";
import { expect, test } from "vitest";
import { createStrangers } from "./strangers.ts";

/** Connections by address, and a clock that is set forward by hand. */
function world(most?: number) {
  const timers = new Set<() => void>();
  const after = (_: number, run: () => void) => {
    timers.add(run);
    return () => timers.delete(run);
  };
  const gone: string[] = [];
  const strangers = createStrangers({ now: () => 0, after }, most);
  const come = (name: string, remoteAddress: string) => {
    const session = Object.assign(new EventEmitter(), {
      socket: { remoteAddress },
      destroyed: false,
      close: () => gone.push(`${name} goes`),
      destroy: () => {
        gone.push(name);
        session.emit("close");
      },
    }) as unknown as Http2Session;
    strangers.add(session);
    return session;
  };
  const elapse = () => {
    for (const run of timers) run();
  };
  return { strangers, come, elapse, gone, timers };
}

test("a connection on which nobody is recognised in time ends, one that is recognised stays", () => {
  const { strangers, come, elapse, gone, timers } = world();
  come("silent", "10.0.0.1");
  strangers.recognised(come("proxy", "10.0.0.2"));
  come("left", "10.0.0.3").emit("close");
  expect(timers.size).toBe(1);
  elapse();
  expect(gone).toEqual(["silent"]);
});

test("where there are too many, the oldest of the address that has most goes", () => {
  const { strangers, come, gone } = world(3);
  come("first", "10.0.0.1");
  come("a", "10.0.0.9");
  come("b", "10.0.0.9");
  come("c", "10.0.0.9");
  expect(gone).toEqual(["a"]);
  strangers.recognised(come("second", "10.0.0.2"));
  expect(gone).toEqual(["a", "b"]);
  come("d", "10.0.0.9");
  expect(gone).toEqual(["a", "b"]);
});

test("a connection whose streams are refused again and again ends", () => {
  const { strangers, come, elapse, gone } = world();
  const session = come("guesser", "10.0.0.1");
  for (let n = 0; n < 15; n++) strangers.refused(session);
  expect(gone).toEqual([]);
  strangers.refused(session);
  expect(gone).toEqual(["guesser goes"]);
  elapse();
  expect(gone).toContain("guesser");
});
