import type { Subject } from "./caller.ts";
import { digestOf } from "./secrets.ts";

/** A session, as far as it can be ended. */
export interface Endable {
  readonly subject: Pick<Subject, "name" | "how">;
  readonly id: string;
  readonly startedAt: number;
  readonly endsAt: number;
}

/** Sessions that were ended before their time, by whom they were of. Nobody reads names or ids in it. */
export type Ended = Readonly<Record<string, EndedOf>>;

interface EndedOf {
  /** All of theirs that began until then, milliseconds since the epoch; 0: none. */
  readonly begunUntil: number;
  /** And these, with the moment after which they would be over. */
  readonly ids: Readonly<Record<string, number>>;
  /** From then on nothing of this is needed. */
  readonly until: number;
}

/** Of one person; one who ends more has all of theirs ended that began until now: nobody fills the list for others. */
const mostOfOne = 50;
/** People in it. */
const mostPeople = 2000;

export function isEnded(ended: Ended, session: Endable): boolean {
  const own = ended[personOf(session)];
  return own !== undefined && (session.startedAt <= own.begunUntil || Object.hasOwn(own.ids, shortOf(session.id)));
}

/** The list with one more, without what is over by itself. Undefined where there is no room: then all sessions have to end. */
export function withEnded(ended: Ended, session: Endable, now: number): Ended | undefined {
  const alive = Object.entries(ended).flatMap(([person, one]) =>
    one.until > now ? [[person, without(one, now)]] : [],
  );
  const kept: Ended = Object.fromEntries(alive);
  const person = personOf(session);
  const before = kept[person] ?? { begunUntil: 0, ids: {}, until: 0 };
  const ids = { ...before.ids, [shortOf(session.id)]: session.endsAt };
  const until = Math.max(before.until, session.endsAt);
  const many = Object.keys(ids).length > mostOfOne;
  const next = many ? { begunUntil: now, ids: {}, until } : { ...before, ids, until };
  const all = { ...kept, [person]: next };
  return Object.keys(all).length > mostPeople ? undefined : all;
}

function without(one: EndedOf, now: number): EndedOf {
  return { ...one, ids: Object.fromEntries(Object.entries(one.ids).filter(([, endsAt]) => endsAt > now)) };
}

function personOf({ subject }: Pick<Endable, "subject">): string {
  return shortOf(`${subject.how} ${subject.name}`);
}

/** 128 bits tell them apart, and nobody chooses what they are of. */
function shortOf(text: string): string {
  return digestOf(text).slice(0, 32);
}
