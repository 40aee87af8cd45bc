import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { launch, type Opened, open } from "./open-page.ts";

/** Opens pages of a made-up control plane for the tests of one file, one at a time: each is closed after its test, the browser after the last. */
export function onePage() {
  let browser: Browser;
  let opened: Opened | undefined;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });
  return async (...[scenario, path, options]: OpenArguments): Promise<Opened> => {
    opened = await open(browser, scenario, path, options);
    return opened;
  };
}

type OpenArguments = Parameters<typeof open> extends [Browser, ...infer Rest] ? Rest : never;
