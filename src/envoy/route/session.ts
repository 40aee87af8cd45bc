import type { Any } from "@bufbuild/protobuf/wkt";
import {
  StatefulSessionPerRouteSchema,
  StatefulSessionSchema,
} from "../../gen/envoy/extensions/filters/http/stateful_session/v3/stateful_session_pb.js";
import { CookieBasedSessionStateSchema } from "../../gen/envoy/extensions/http/stateful_session/cookie/v3/cookie_pb.js";
import { HeaderBasedSessionStateSchema } from "../../gen/envoy/extensions/http/stateful_session/header/v3/header_pb.js";
import type { Session } from "../../plan/route/session.ts";
import { packed } from "../any.ts";

/** The filter that keeps a session at its endpoint; its place is in every chain of outbound HTTP, empty where no route says otherwise. */
export const sessionFilter = "envoy.filters.http.stateful_session";

/** The filter where no route says otherwise. */
export const noSession: Any = packed(StatefulSessionSchema, {});

/** A route's own configuration of that filter. A cookie ends with the browser's session. */
export function sessionConfig(session: Session): Any {
  const state =
    session.by === "cookie"
      ? packed(CookieBasedSessionStateSchema, { cookie: { name: session.name, path: session.path } })
      : packed(HeaderBasedSessionStateSchema, { name: session.name });
  const sessionState = { name: `envoy.http.stateful_session.${session.by}`, typedConfig: state };
  return packed(StatefulSessionPerRouteSchema, { override: { case: "statefulSession", value: { sessionState } } });
}
