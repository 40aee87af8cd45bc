import { formatFault, labelsFault } from "./log-commands.ts";

/** Istio's line, whose order dashboards and people know. Source: istio.io/latest/docs/tasks/observability/logs/access-log */
const defaultText = `${[
  "[%START_TIME%]",
  '"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%"',
  "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS%",
  '"%UPSTREAM_TRANSPORT_FAILURE_REASON%"',
  "%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
  '"%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"',
  "%UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%",
  "%REQUESTED_SERVER_NAME% %ROUTE_NAME%",
].join(" ")}\n`;

/** Istio's keys. */
const defaultJson: Readonly<Record<string, string>> = {
  start_time: "%START_TIME%",
  route_name: "%ROUTE_NAME%",
  method: "%REQ(:METHOD)%",
  path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
  protocol: "%PROTOCOL%",
  response_code: "%RESPONSE_CODE%",
  response_flags: "%RESPONSE_FLAGS%",
  response_code_details: "%RESPONSE_CODE_DETAILS%",
  connection_termination_details: "%CONNECTION_TERMINATION_DETAILS%",
  bytes_received: "%BYTES_RECEIVED%",
  bytes_sent: "%BYTES_SENT%",
  duration: "%DURATION%",
  upstream_service_time: "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
  x_forwarded_for: "%REQ(X-FORWARDED-FOR)%",
  user_agent: "%REQ(USER-AGENT)%",
  request_id: "%REQ(X-REQUEST-ID)%",
  authority: "%REQ(:AUTHORITY)%",
  upstream_host: "%UPSTREAM_HOST%",
  upstream_cluster: "%UPSTREAM_CLUSTER_RAW%",
  upstream_local_address: "%UPSTREAM_LOCAL_ADDRESS%",
  downstream_local_address: "%DOWNSTREAM_LOCAL_ADDRESS%",
  downstream_remote_address: "%DOWNSTREAM_REMOTE_ADDRESS%",
  requested_server_name: "%REQUESTED_SERVER_NAME%",
  upstream_transport_failure_reason: "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
};

/** A line's format with its newline; Istio's where nothing is said, or something that the proxy would refuse. */
export function textFormat(said: string | undefined): string {
  if (!said || formatFault(said) !== undefined) return defaultText;
  return said.endsWith("\n") ? said : `${said}\n`;
}

/** The object that is written for each request; Istio's where nothing is said, no object, or something that the proxy would refuse. */
export function jsonFormat(said: string | undefined): Readonly<Record<string, unknown>> {
  if (!said) return defaultJson;
  try {
    const read: unknown = JSON.parse(said);
    const isObject = typeof read === "object" && read !== null && !Array.isArray(read);
    const isTaken = isObject && Object.keys(read).length > 0 && labelsFault(read) === undefined;
    return isTaken ? (read as Readonly<Record<string, unknown>>) : defaultJson;
  } catch {
    return defaultJson;
  }
}
