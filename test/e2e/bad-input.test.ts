import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { ConfigObject, Finding } from "../../src/api/contract/config.ts";
import { ask, until } from "./ask.ts";
import { Product, sample } from "./product.ts";

const product = new Product({ port: 29_140 });
const file = "mesh/edited.yaml";

const route = (subset: string, extra = "") => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
  namespace: default
spec:
  hosts: [reviews]
  http:
    - route:
        - destination: { host: reviews, subset: ${subset} }
${extra}`;

beforeAll(async () => {
  product.write(file, route("v1"));
  await product.up([sample, `${product.dir}/mesh`]);
}, 120_000);
afterAll(() => product.close(), 60_000);

/** Each case begins with a route to v1 that is in force and nothing to complain of. */
beforeEach(async () => {
  product.write(file, route("v1"));
  await until("nothing is found", async () => (await findings()).length === 0, undefined, 60_000);
  await until("v1 answers", async () => (await reviewsVersion()) === "v1");
}, 120_000);

const findings = () => product.api<readonly Finding[]>("diagnostics");

async function reviewsVersion(): Promise<string> {
  const { status, body } = await ask(product.url("/api/v1/products/0/reviews"));
  return status === 200 ? (JSON.parse(body) as { version: string }).version : `${status} ${body}`;
}

/** Saves a text, waits for what is found, and checks that traffic goes on as it went before. */
async function saved(text: string): Promise<readonly Finding[]> {
  product.write(file, text);
  let found: readonly Finding[] = [];
  await until("something is found", async () => {
    found = await findings();
    return found.length > 0;
  });
  for (let n = 0; n < 10; n++) expect(await reviewsVersion()).toBe("v1");
  expect((await ask(product.page)).status).toBe(200);
  return found;
}

const bomb = `apiVersion: v1
kind: ConfigMap
metadata: { name: bomb }
data:
  a: &a [x, x, x, x, x, x, x, x, x, x]
  b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
  c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
  d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
  e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
  f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
  g: [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]
`;

it.each([
  ["a tab", route("v2").replace("  http:", "\thttp:"), 8, /tab/i],
  ["a file that is half written", route("v2").slice(0, -30), undefined, /./],
  ["an unknown field", route("v2").replace("      - route", "      - rout").replace("- route:", "- rout:"), 9, /rout/],
  ["a field of the wrong type", route("v2", "      timeout: [5]\n"), 11, /timeout/],
  ["a duration that is none", route("v2", '      timeout: "5 seconds"\n'), 11, /duration/],
  ["an alias bomb", `${route("v1")}---\n${bomb}`, undefined, /alias/i],
  ["weights below nothing", route("v2", "          weight: -5\n"), 11, /weight/],
  [
    "a regular expression that RE2 refuses",
    route("v2", "      match: [{ uri: { regex: '(?=a)b' } }]\n"),
    11,
    /RE2|regular expression/i,
  ],
])("%s: told with its place, and what was said before stays in force", async (what, text, line, words) => {
  const found = await saved(text);
  const all = found.map((f) => `${f.at} ${f.level} ${f.field ?? ""} ${f.message} ${f.fix ?? ""}`);
  expect(all.join("\n")).toMatch(words);
  const place = line === undefined ? String.raw`\d+` : String(line);
  expect(all.join("\n"), what).toMatch(new RegExp(`edited\\.yaml:${place}:\\d+ Error`));
  const told = await product.run(["analyze"]);
  expect(told.status).not.toBe(0);
  expect(told.stdout).toMatch(new RegExp(`edited\\.yaml:${place}:\\d+`));
});

it("a file of more than 10 MiB is refused whole", async () => {
  const found = await saved(`${route("v2")}# ${"x".repeat(11 * 1024 * 1024)}\n`);
  expect(found.map((f) => f.message).join()).toContain("MiB");
  expect(found[0]?.at).toMatch(/edited\.yaml:1:1$/);
});

it("an unknown kind is told, and harms nothing beside it", async () => {
  const found = await saved(
    `${route("v1")}---\napiVersion: networking.istio.io/v1\nkind: VirtualServise\nmetadata: { name: x }\nspec: {}\n`,
  );
  expect(found.map((f) => `${f.at} ${f.message} ${f.fix ?? ""}`).join("\n")).toMatch(
    /edited\.yaml:1[1-5]:\d+ .*VirtualServise.*VirtualService/s,
  );
});

it("keys called __proto__ and constructor are data", async () => {
  const found = await saved(
    route("v2", "__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }\n"),
  );
  expect(found.map((f) => f.at).join()).toMatch(/edited\.yaml:11:1/);
  expect(found.map((f) => f.message).join()).toMatch(/__proto__/);
});

it("an object gone bad harms itself alone: its neighbour in the same file is taken", async () => {
  const ratings = route("v1").replaceAll("reviews", "ratings");
  await saved(`${route("v2", "      nonsense: 1\n")}---\n${ratings}`);
  await until("the neighbour is read", async () =>
    (await product.api<readonly ConfigObject[]>("config")).some(
      (o) => o.kind === "VirtualService" && o.name === "ratings",
    ),
  );
});

it("a route to a host or a subset that does not exist is told; other traffic goes on", async () => {
  product.write(file, route("v9"));
  const told = async () => (await findings()).map((f) => `${f.code} ${f.at} ${f.message}`).join("\n");
  let said = "";
  await until("it is told", async () => {
    said = await told();
    return said.includes("IST0101");
  });
  expect(said).toMatch(/IST0101\S* .*edited\.yaml:10:\d+ .*v9/);
  product.write(file, route("v1").replace("host: reviews,", "host: nobody,"));
  await until("the host is told", async () => /IST0101\S* .*nobody/.test(await told()));
  const { status, body } = await ask(product.page);
  expect(status).toBe(200);
  expect(body).toContain("details-v1-");
});

it("of two VirtualServices for one host the older wins, and both are told", async () => {
  product.write("mesh/second.yaml", route("v3").replace("name: reviews", "name: reviews-again"));
  try {
    await until(
      "both are told",
      async () => {
        const found = (await findings()).filter((f) => f.code === "IST0109").map((f) => f.origin);
        return found.some((o) => o.endsWith("/reviews")) && found.some((o) => o.endsWith("/reviews-again"));
      },
      undefined,
      30_000,
    );
    for (let n = 0; n < 10; n++) expect(await reviewsVersion()).toBe("v1");
  } finally {
    product.write("mesh/second.yaml", "");
  }
});

it("apply refuses what is bad, with the place in the file of whoever applies", async () => {
  const bad = product.write("bad.yaml", route("v2", "      timeout: never\n"));
  const { status, stdout, stderr } = await product.run(["apply", "-f", bad]);
  expect(status).toBe(65);
  expect(stdout).toContain("refused");
  expect(stderr).toContain(`${bad}:11:`);
  expect(await reviewsVersion()).toBe("v1");
});
