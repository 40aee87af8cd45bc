import { create } from "@bufbuild/protobuf";
import {
  type FractionalPercent,
  FractionalPercent_DenominatorType,
  FractionalPercentSchema,
} from "../../gen/envoy/type/v3/percent_pb.js";

/** A percentage to the fourth digit after the point. */
export function fraction(percent: number): FractionalPercent {
  return millionths(Math.round(Math.min(Math.max(percent, 0), 100) * 10_000));
}

/** So many of a million. */
export function millionths(numerator: number): FractionalPercent {
  return create(FractionalPercentSchema, { numerator, denominator: FractionalPercent_DenominatorType.MILLION });
}
