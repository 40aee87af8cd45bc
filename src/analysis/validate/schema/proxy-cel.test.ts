import { describe, expect, test } from "vitest";
import { proxyCelFault } from "./proxy-cel.ts";

describe("what a proxy takes as CEL", () => {
  test.each([
    "request.host",
    "request.headers['x-user'].startsWith('a') ? 'a' : 'other'",
    "has(request.headers.host) && (response.code >= 400)",
    "re.extract(request.path, '/([^/]+)', r'\\\\1')",
    "'not.called(1)' == request.path",
    "response.code in [200, 201]",
    "int(request.headers['x-count']) % 2",
  ])("%s", (text) => expect(proxyCelFault(text)).toBeUndefined());

  test.each([
    ["request.host +", /./],
    ["request.host.lowerAscii()", /no function lowerAscii\(\)/],
    ["string(response.code)", /no function string\(\)/],
    ["[1, 2].exists(x, x == 1)", /no function exists\(\)/],
    ["request.path.split('/')", /no function split\(\)/],
  ])("not %s", (text, why) => expect(proxyCelFault(text)).toMatch(why));
});
