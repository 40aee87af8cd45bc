import { match, strictEqual } from "node:assert";
import { test } from "vitest";
import { formatFault, labelsFault } from "./log-commands.ts";

test("formats that the proxy takes have no fault", () => {
  for (const format of [
    "",
    "no command, 100%%\n",
    "%START_TIME(%Y-%m-%d)% %REQ(X-A?:PATH):10% %PROTOCOL%",
    "%CEL(request.headers['a'].startsWith('b') ? 'c' : 'd')%",
    '%COALESCE({"operators":["PROTOCOL"]})%%%',
  ])
    strictEqual(formatFault(format), undefined, format);
});

test("others have one, with what was meant", () => {
  match(formatFault("%PROTOCOLL%")?.fix ?? "", /did you mean %PROTOCOL%/);
  match(formatFault("%MADE_UP_OF_NOTHING%")?.message ?? "", /%MADE_UP_OF_NOTHING% is no command/);
  match(formatFault("100% of it")?.fix ?? "", /write %%/);
  match(formatFault("%PROTOCOL")?.message ?? "", /does not end/);
  match(formatFault("%REQ(X")?.message ?? "", /does not end/);
  match(labelsFault({ a: { b: ["%NO%"] } })?.message ?? "", /%NO% is no command/);
});
