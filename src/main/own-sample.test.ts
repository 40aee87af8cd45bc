import { expect, it } from "vitest";
import { refuseInstalledSample } from "./own-sample.ts";

const installed = "/home/a/there/node_modules/weft-mesh";

it.each([`${installed}/samples/bookinfo`, `${installed}/samples/bookinfo/networking`])("refuses %s", (folder) => {
  expect(() => refuseInstalledSample(["/srv/mesh", folder], installed)).toThrow(/TypeScript.*below node_modules/);
});

it("takes a copy of it, another package's folder, and the sample of a clone", () => {
  refuseInstalledSample(["/home/a/there/bookinfo", "/home/a/there/node_modules/other/mesh", "samples"], installed);
  refuseInstalledSample(["/home/a/weft/samples/bookinfo"], "/home/a/weft");
});
