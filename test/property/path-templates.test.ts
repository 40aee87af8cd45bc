import { ok, strictEqual } from "node:assert";
import { describe, expect, test } from "vitest";
import { shapeOf, templatesOf } from "../../src/telemetry/records/path-template.ts";
import { Dice } from "./dice.ts";

describe("templates of paths", () => {
  test.each([
    ["/", "/"],
    ["/productpage", "/productpage"],
    ["/reviews/17", "/reviews/{*}"],
    ["/api/v1/products/0/ratings", "/api/v1/products/{*}/ratings"],
    ["/users/5f1b6a2e-8c1d-4a7e-9b11-2f6f0c1d9e77", "/users/{*}"],
    ["/blobs/9f86d081884c7d65", "/blobs/{*}"],
    ["/users/ann@example.com/cart", "/users/{*}/cart"],
    ["/days/2026-11-22", "/days/{*}"],
    ["/static/bootstrap.min.css", "/static/bootstrap.min.css"],
    ["/a/17/", "/a/{*}/"],
    ["/a//17", "/a//17"],
    ["/17/we|rd", "/17/we|rd"],
    ["/a/{*}x/b", "/a/*"],
    ["/grpc.Service/Method", "/grpc.Service/Method"],
  ])("%s is %s", (path, template) => strictEqual(shapeOf(path), template));

  test("names are names until there are too many of them at one place", () => {
    const few = Array.from({ length: 20 }, (_, i) => `/shops/${"abcdefghijklmnopqrst"[i]}/cart`);
    ok([...templatesOf(few)].every(([path, template]) => path === template));
    const many = [...few, "/shops/z/cart", "/shops/z/pay", "/about"];
    expect([...new Set(templatesOf(many).values())].sort()).toEqual(["/about", "/shops/{*}/cart", "/shops/{*}/pay"]);
  });
});

/** What policies make of a template, said otherwise than there: Envoy's own expressions for its operators. */
function matches(template: string, path: string): boolean {
  if (!template.includes("{*}"))
    return template.endsWith("*") ? path.startsWith(template.slice(0, -1)) : path === template;
  const quoted = template.split("{*}").map((text) => text.replace(/[$()+.|[\]\\^?*]/g, "\\$&"));
  return new RegExp(`^${quoted.join("[a-zA-Z0-9\\-._~%!$&'()+,;:@]+")}$`).test(path);
}

test("every path matches its template, whatever is in it", () => {
  const words = [
    "api",
    "v1",
    "",
    "17",
    "-3",
    "a.b",
    "{*}",
    "{**}",
    "{x",
    "*",
    "x*",
    "%2F",
    "ü",
    "a=b",
    "q|r",
    "z@z",
    "deadbeef01",
  ];
  for (let seed = 1; seed <= 300; seed++) {
    const dice = new Dice(seed);
    const segment = () =>
      dice.number(4) === 0 ? `n${"abcdefghijklmnopqrstuvwxyz"[dice.number(26)]}` : dice.one(words);
    const paths = Array.from(
      { length: 1 + dice.number(60) },
      () => `/${Array.from({ length: 1 + dice.number(5) }, segment).join("/")}`,
    );
    const templates = templatesOf(paths.map(shapeOf));
    for (const path of paths) {
      const template = templates.get(shapeOf(path)) as string;
      ok(matches(template, path), `${path} is no ${template} (seed ${seed})`);
      ok(matches(shapeOf(path), path), `${path} is no ${shapeOf(path)} (seed ${seed})`);
    }
  }
});
