import {
  CompositeSchema,
  ExecuteFilterActionSchema,
} from "../../gen/envoy/extensions/filters/http/composite/v3/composite_pb.js";
import { FractionalPercent_DenominatorType as Of } from "../../gen/envoy/type/v3/percent_pb.js";
import type { TapPlan, TapRequest } from "../../plan/telemetry/tap.ts";
import { packed } from "../any.ts";
import type { NamedFilter } from "../filter-chain.ts";
import { anyText, hostPattern, onRequest, pathPattern, textPattern } from "../policy/request-match.ts";
import { tappedFilter } from "./records.ts";

/** Has the requests told that somebody watches. The share of them is drawn for each. */
export function tapFilters(plans: readonly TapPlan[]): readonly NamedFilter[] {
  return plans.map(({ id, request, perMillion }) => {
    const action = packed(ExecuteFilterActionSchema, {
      typedConfig: tappedFilter(id),
      ...(perMillion >= 1_000_000
        ? {}
        : { samplePercent: { defaultValue: { numerator: perMillion, denominator: Of.MILLION } } }),
    });
    const name = `weft.tap.${id}`;
    const composite = packed(CompositeSchema, {});
    return {
      name,
      config: onRequest(patternsOf(request), { name, config: composite }, { name: "tell", config: action }),
    };
  });
}

/** Header → expression for its value; something of every request where nothing is asked. */
function patternsOf({ methods, path, host, headers }: TapRequest): readonly (readonly [string, string])[] {
  const found: readonly (readonly [string, string])[] = [
    ...(methods.length === 0 ? [] : [[":method", textPattern(methods)] as const]),
    ...(path === undefined ? [] : [[":path", pathPattern([path])] as const]),
    ...(host === undefined ? [] : [[":authority", hostPattern([host])] as const]),
    ...headers.map(
      ({ name, value }) => [name.toLowerCase(), value === undefined ? anyText : textPattern([value])] as const,
    ),
  ];
  return found.length > 0 ? found : [[":method", anyText]];
}
