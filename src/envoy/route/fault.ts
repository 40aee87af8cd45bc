import type { Any } from "@bufbuild/protobuf/wkt";
import { HTTPFaultSchema } from "../../gen/envoy/extensions/filters/http/fault/v3/fault_pb.js";
import type { Fault } from "../../plan/route/fault.ts";
import { duration, packed } from "../any.ts";
import { fraction } from "./percent.ts";

/** The filter that makes faults; its place is in every chain of outbound HTTP, empty where no route says otherwise. */
export const faultFilter = "envoy.filters.http.fault";

/** A route's own configuration of that filter. */
export function faultConfig({ delay, abort }: Fault): Any {
  return packed(HTTPFaultSchema, {
    ...(delay
      ? {
          delay: {
            faultDelaySecifier: { case: "fixedDelay", value: duration(delay.ms) },
            percentage: fraction(delay.percent),
          },
        }
      : {}),
    ...(abort
      ? {
          abort: {
            errorType: { case: abort.protocol === "grpc" ? "grpcStatus" : "httpStatus", value: abort.status },
            percentage: fraction(abort.percent),
          },
        }
      : {}),
  });
}
