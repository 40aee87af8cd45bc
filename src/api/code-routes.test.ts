import { expect, test } from "vitest";
import { codeRoutes } from "./code-routes.ts";
import { Refusal } from "./http/answer.ts";
import type { Call } from "./http/route.ts";

/** What is answered about a code. */
function ask(code: string): unknown {
  let sent = "";
  const response = {
    writeHead: () => response,
    setHeader: () => response,
    end: (text: string) => {
      sent = String(text);
    },
  };
  const [route] = codeRoutes();
  void route?.handle({ params: { code }, response } as unknown as Call);
  return JSON.parse(sent);
}

test("a code of each project is explained, with its page where it has one", () => {
  expect(ask("KIA1106")).toMatchObject({
    title: "More than one Virtual Service for same host",
    doc: "https://kiali.io/docs/features/validations/#kia1106---more-than-one-virtual-service-for-same-host",
  });
  expect(ask("ist0101")).toMatchObject({
    title: "ReferencedResourceNotFound",
    doc: "https://istio.io/latest/docs/reference/config/analysis/ist0101/",
  });
  expect(ask("WEFT0115")).not.toHaveProperty("doc");
});

test("what is no code is told so", () => {
  expect(() => ask("IST9999")).toThrow(Refusal);
});
