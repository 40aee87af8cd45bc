import { expect, test } from "vitest";
import { analyze } from "../analysis/analyze.ts";
import { apply, empty } from "../model/snapshot.ts";
import { parseText } from "../sources/text/text.ts";
import { Tracker } from "../track/tracker.ts";
import { lookAhead } from "./findings.ts";

const web = (host: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{route: [{destination: {host: ${host}}}]}]}
`;

function changes(text: string) {
  return parseText("web.yaml", text).resources.map((put) => ({ put }));
}

test("what is found is worked out before anybody asks, a part at a time, once a change", () => {
  const tracker = new Tracker(apply(empty, changes(web("nosuch"))));
  const turns: (() => void)[] = [];
  let changed = () => {};
  const onChange = (tell: () => void) => {
    changed = tell;
    return () => true;
  };
  const after = (_: number, run: () => void) => {
    turns.push(run);
    return () => void turns.splice(0);
  };
  const end = lookAhead({ tracker, synced: true, onChange }, { after });
  const finish = () => {
    let count = 0;
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift(), count++) turn();
    return count;
  };

  expect(finish()).toBeGreaterThan(20);
  const runs = tracker.runs;
  expect(analyze(tracker)).toHaveLength(1);
  expect(tracker.runs).toBe(runs);

  changed(); // of who is connected: the objects are the same
  expect(turns).toEqual([]);
  tracker.advance(apply(tracker.snapshot, changes(web("elsewhere"))));
  changed();
  changed();
  expect(turns).toHaveLength(1);
  finish();
  const again = tracker.runs;
  expect(analyze(tracker)[0]?.message).toContain("elsewhere");
  expect(tracker.runs).toBe(again);

  tracker.advance(apply(tracker.snapshot, changes(web("nosuch"))));
  changed();
  end();
  expect(turns).toEqual([]);
});
