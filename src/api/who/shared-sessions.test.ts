import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { begunLogins } from "./begun-logins.ts";
import { type Ended, isEnded, withEnded } from "./ended.ts";
import type { SharedTexts } from "./session-home.ts";
import { Sessions, sessionMs } from "./sessions.ts";

const ann = { name: "ann", groups: ["shop"], how: "token", bearer: "hers-alone" } as const;
const random = () => randomBytes(32).toString("base64url");

/** Two replicas over one Secret, which can be away, and in which somebody may be first. */
function world() {
  let now = 1_700_000_000_000;
  let text: string | undefined;
  let away = false;
  let others = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const clock = {
    now: () => now,
    after: (ms: number, run: () => void) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const check = () => {
    if (away) throw new Error("the API server is away");
  };
  const shared: SharedTexts = {
    read: async () => {
      check();
      return text;
    },
    replace: async (_, before, next) => {
      check();
      if (others-- > 0 && text !== undefined) text = text.replace(/}$/, " }");
      if (text === before) text = next;
      return text ?? "";
    },
  };
  const replica = () => new Sessions({ clock, random, shared });
  return {
    clock,
    shared,
    replica,
    kept: () => text ?? "",
    away: (is: boolean) => {
      away = is;
    },
    others: (count: number) => {
      others = count;
    },
    async advance(ms: number) {
      now += ms;
      for (const timer of [...timers].filter(({ at }) => at <= now)) {
        timers.delete(timer);
        timer.run();
      }
      await new Promise((done) => setImmediate(done));
    },
  };
}

describe("sessions of several replicas", () => {
  test("one that was begun at one holds at the other, and after a restart; nobody reads or changes the cookie", async () => {
    const { replica } = world();
    const cookie = await replica().begin(ann);
    const there = await replica().find(cookie);
    expect(there).toMatchObject({ subject: ann, endsAt: 1_700_000_000_000 + sessionMs });
    expect(Buffer.from(cookie, "base64url").toString("latin1")).not.toMatch(/ann|hers-alone|csrf/);
    const changed = cookie.slice(0, 60) + (cookie[60] === "A" ? "B" : "A") + cookie.slice(61);
    for (const wrong of [changed, cookie.slice(1), cookie.slice(0, 20), "", random()])
      expect(await replica().find(wrong)).toBeUndefined();
  });

  test("it ends after eight hours everywhere", async () => {
    const { replica, advance } = world();
    const [one, other] = [replica(), replica()];
    const cookie = await one.begin(ann);
    await advance(sessionMs - 1);
    expect(await other.find(cookie)).toBeDefined();
    await advance(1);
    expect([await one.find(cookie), await other.find(cookie), await replica().find(cookie)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("logging out holds everywhere: at once where it was not seen, within five seconds and with its streams where it was", async () => {
    const { replica, advance, kept, others } = world();
    const [one, other] = [replica(), replica()];
    const [cookie, second] = [await one.begin(ann), await one.begin(ann)];
    const session = await other.find(cookie);
    let cut = 0;
    other.holds(session?.id ?? "", { once: () => {}, headersSent: true, destroy: () => cut++ } as never);
    others(2);
    await one.end((await one.find(cookie)) as never);
    expect(await one.find(cookie)).toBeUndefined();
    expect(await replica().find(cookie)).toBeUndefined();
    await advance(5000);
    expect(cut).toBe(1);
    expect(await other.find(cookie)).toBeUndefined();
    expect(await other.find(second)).toBeDefined();
    expect(kept()).not.toMatch(/ann|hers-alone/);
  });

  test("while nobody can be asked, those known here go on, others wait, and logging out says that it is not everywhere", async () => {
    const { replica, away, advance } = world();
    const [one, other] = [replica(), replica()];
    const cookie = await one.begin(ann);
    await other.find(await one.begin({ ...ann, name: "bob" }));
    await advance(1000);
    away(true);
    expect(await one.find(cookie)).toBeDefined();
    await expect(other.find(cookie))
      .resolves.toBeDefined()
      .catch(() => {});
    await expect(one.end((await one.find(cookie)) as never)).rejects.toThrow("the API server is away");
    const alone = replica();
    expect((await alone.find(await alone.begin(ann)))?.subject.name).toBe("ann");
  });

  test("all are ended at once with a new key, which the others take up", async () => {
    const { replica, advance } = world();
    const [one, other] = [replica(), replica()];
    const cookie = await one.begin(ann);
    await other.find(cookie);
    await one.endAll();
    await advance(5000);
    expect([await one.find(cookie), await other.find(cookie)]).toEqual([undefined, undefined]);
    expect(await other.find(await one.begin(ann))).toBeDefined();
  });

  test("a person of very many groups has a session of one replica, as a browser keeps no such cookie", async () => {
    const { replica } = world();
    const [one, other] = [replica(), replica()];
    const cookie = await one.begin({ ...ann, groups: Array.from({ length: 400 }, (_, i) => `group-${i}`) });
    expect(cookie.length).toBe(43);
    expect([(await one.find(cookie))?.subject.name, await other.find(cookie)]).toEqual(["ann", undefined]);
  });

  test("a login that begins at one ends at the other, once at each, and not for long", async () => {
    const { replica, clock, advance } = world();
    const logins = () => {
      const sessions = replica();
      return begunLogins(clock.now, random, () => sessions.key());
    };
    const [one, other] = [logins(), logins()];
    const begun = { state: "s", nonce: "n", verifier: "v", next: "/traffic" } as never;
    const [first, late] = [await one.put(begun, 1000), await one.put(begun, 1000)];
    expect([await other.take(first), await other.take(first), await other.take("else")]).toEqual([
      begun,
      undefined,
      undefined,
    ]);
    await advance(1000);
    expect(await other.take(late)).toBeUndefined();
  });
});

describe("the list of sessions that were ended", () => {
  const session = (id: string, name = "ann", at = 1) => ({
    subject: { name, how: "token" as const },
    id,
    startedAt: at,
    endsAt: at + 100,
  });
  const all = (list: readonly ReturnType<typeof session>[], now: number) =>
    list.reduce<Ended | undefined>((ended, one) => ended && withEnded(ended, one, now), {});

  test("who ends very many has all of theirs ended, and nobody else's", () => {
    const ended =
      all(
        Array.from({ length: 60 }, (_, i) => session(`${i}`)),
        50,
      ) ?? {};
    expect(Object.values(ended)[0]).toMatchObject({ begunUntil: 50 });
    expect([
      isEnded(ended, session("new", "ann", 49)),
      isEnded(ended, session("new", "ann", 51)),
      isEnded(ended, session("new", "bob", 1)),
    ]).toEqual([true, false, false]);
  });

  test("what is over by itself leaves it, and where it is full there is no room for more", () => {
    const ended = all([session("a"), session("b", "ann", 60)], 50) ?? {};
    const later = withEnded(ended, session("c", "bob", 110), 120) as Ended;
    expect([isEnded(later, session("a")), isEnded(later, session("b", "ann", 60)), Object.keys(later).length]).toEqual([
      false,
      true,
      2,
    ]);
    expect(Object.keys(withEnded(ended, session("c", "bob", 200), 200) ?? {})).toHaveLength(1);
    const many = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i) => [`p${i}`, { begunUntil: 0, ids: {}, until: 900 }]),
    );
    expect([withEnded(many, session("x"), 50), Object.keys(withEnded(many, session("x"), 900) ?? {}).length]).toEqual([
      undefined,
      1,
    ]);
  });
});
