import { expect, test } from "vitest";
import { type Disk, nodeDisk } from "./disk.ts";
import { HandClock, service, Watched } from "./watched.test-kit.ts";

test("a file that still grows is read when it does not any more, also where the system tells of the write when it is over", async () => {
  const clock = new HandClock();
  let changed: (name: string | null) => void = () => {};
  const disk: Disk = {
    ...nodeDisk,
    watch: (_folder, listener) => {
      changed = listener;
      return () => {};
    },
  };
  const w = await new Watched({ "a.yaml": service("a", 1) }).start({ clock, disk, quietMs: 25 });
  w.write("a.yaml", service("a", 2).slice(0, 20));
  changed("a.yaml");
  w.write("a.yaml", service("a", 2));
  await clock.run(25);
  w.write("a.yaml", `${service("a", 2)}---\n${service("b")}`);
  await clock.run(25);
  expect(w.names).toEqual(["Service default/a"]);
  expect(w.events.length).toBe(1);
  await clock.run(25);
  expect(w.names).toEqual(["Service default/a", "Service default/b"]);
  await w.stop();
});
