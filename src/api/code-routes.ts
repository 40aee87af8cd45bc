import { explainedCodes } from "../analysis/explanations.ts";
import type { CodeMeaning } from "./contract/codes.ts";
import { Refusal, sendJson } from "./http/answer.ts";
import type { Route } from "./http/route.ts";

/** What the codes of findings mean; they tell nothing of the mesh. */
export function codeRoutes(): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/api/v1/codes/{code}",
      needs: "sight",
      handle: ({ params, response }) => sendJson(response, meaningOf(params["code"] ?? "")),
    },
  ];
}

function meaningOf(said: string): CodeMeaning {
  const found = explainedCodes().find(({ code }) => code === said.toUpperCase());
  if (found === undefined) throw new Refusal(404, "there is no such code", "weft explain lists them");
  const { code, level, title, text, fix, doc } = found;
  return { code, level, title, text, ...(fix === undefined ? {} : { fix }), ...(doc === undefined ? {} : { doc }) };
}
