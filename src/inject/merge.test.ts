import { expect, test } from "vitest";
import { mergeContainer } from "./merge.ts";

const made = { name: "istio-proxy", image: "hub/weft-proxy:1" };

test("image auto is ours, and so is the pull policy that an API server made of its missing tag", () => {
  expect(mergeContainer(made, { name: "istio-proxy", image: "auto", imagePullPolicy: "Always" })).toEqual(made);
  expect(mergeContainer(made, { name: "istio-proxy", image: "auto", imagePullPolicy: "Never" })).toEqual({
    ...made,
    imagePullPolicy: "Never",
  });
});

test("an image of the user's comes with its pull policy", () => {
  const own = { name: "istio-proxy", image: "hub/own:2", imagePullPolicy: "Always" as const };
  expect(mergeContainer(made, own)).toEqual(own);
});
