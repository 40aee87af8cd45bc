// How fluid the traffic graph is: frames while it is panned and zoomed by real pointer events in Chromium (headless, so without a GPU), how long it takes to
// stand there, and beside it the same gestures on an empty page. `node bench/graph-frames.ts [ROUNDS]`; the page's clock is the display's, 60 Hz.
import { performance } from "node:perf_hooks";
import type { Page } from "playwright-core";
import { launch, open, standing } from "../test/console/open-page.ts";

const rounds = Number(process.argv[2] ?? 3);
const opened = Array.from({ length: 10 }, (_, i) => `team-0${i}`).join(",");
const graphs = [
  ["an empty page", "healthy", "about:blank"],
  ["bookinfo, 10 nodes", "healthy", "/traffic"],
  ["500 nodes", "large", "/traffic"],
  ["5,000 workloads, folded", "huge", "/traffic"],
  ["5,000 workloads, one namespace open", "huge", "/traffic?expand=team-07"],
  ["5,000 workloads, ten namespaces open", "huge", `/traffic?expand=${opened}`],
] as const;

/** What was seen of one gesture. */
interface Seen {
  /** Milliseconds from frame to frame, in order of length. */
  readonly frames: readonly number[];
  /** Milliseconds of CPU that the main thread took for each frame. */
  readonly busy: number;
}

const browser = await launch();
for (const [words, scenario, path] of graphs) {
  const first: number[] = [];
  const pans: Seen[] = [];
  const zooms: Seen[] = [];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const { page, close } = await open(browser, scenario, path === "about:blank" ? "/check" : path);
    if (path === "about:blank") await page.goto(path);
    else await standing(page);
    first.push(performance.now() - begun);
    await page.evaluate("new Promise((done) => requestIdleCallback(done))");
    const at = { x: 600, y: 450 };
    pans.push(
      await watched(page, async () => {
        await page.mouse.move(at.x, at.y);
        await page.mouse.down();
        for (let i = 0; i < 120; i++)
          await page.mouse.move(at.x + 200 * Math.sin(i / 10), at.y + 120 * Math.cos(i / 10));
        await page.mouse.up();
      }),
    );
    zooms.push(
      await watched(page, async () => {
        await page.mouse.move(at.x, at.y);
        for (let i = 0; i < 60; i++) await page.mouse.wheel(0, Math.floor(i / 15) % 2 === 0 ? -60 : 60);
      }),
    );
    await close();
  }
  const stands = path === "about:blank" ? "" : `stands after ${Math.round(middle(first))} ms; `;
  console.log(`${words}: ${stands}pan ${told(pans)}; zoom ${told(zooms)}`);
}
await browser.close();

/** Counts frames in the page while something is done to it. */
async function watched(page: Page, gesture: () => Promise<void>): Promise<Seen> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const taskSeconds = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find((m) => m.name === "TaskDuration")?.value ?? 0;
  };
  await page.evaluate(`{
    const seen = (window.seenFrames = []);
    const look = (time) => { seen.push(time); window.looking = requestAnimationFrame(look); };
    requestAnimationFrame(look);
  }`);
  const before = await taskSeconds();
  await gesture();
  const after = await taskSeconds();
  const times = (await page.evaluate("cancelAnimationFrame(window.looking); window.seenFrames")) as number[];
  await devtools.detach();
  const frames = times.slice(1).map((time, i) => time - (times[i] ?? time));
  return { frames: frames.toSorted((a, b) => a - b), busy: ((after - before) * 1000) / Math.max(1, frames.length) };
}

function told(seen: readonly Seen[]): string {
  const frames = seen.flatMap((s) => s.frames).toSorted((a, b) => a - b);
  const at = (share: number) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))] ?? 0;
  const sum = frames.reduce((total, f) => total + f, 0);
  const rate = (1000 * frames.length) / sum;
  const busy = middle(seen.map((s) => s.busy));
  return `${rate.toFixed(0)} frames/s, median ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms, main thread ${busy.toFixed(1)} ms of CPU a frame`;
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
