// Two faults: the plan names Envoy's room, and does input.
import { readFileSync } from "node:fs";
import { word } from "../envoy/word.ts";

export const said = word + readFileSync("x", "utf8");
