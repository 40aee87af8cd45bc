import type { HttpFilter } from "../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { whereHost } from "../where-host.ts";

/** A name or an address, with a port or without. Its case and a dot at its end are nobody's concern: they are the same host. */
const oneHost = String.raw`([\w~-]+(\.[\w~-]+)*|\[[0-9A-Fa-f:.]+(%[\w.~-]+)?\])(:[0-9]{0,5})?`;

/**
 * Refuses a Host that servers may take for another one than routes and policies do: two of them (`a,b`), `user@host`, an escaped one, a port
 * that is no number. Before all that judges by the host.
 */
export function oneHostOnly(): HttpFilter {
  const script = `function envoy_on_request(handle)
  handle:respond({[":status"] = "400", ["content-type"] = "text/plain"}, "The header Host is not one host.\\n")
end`;
  return whereHost({ name: "weft.host", host: oneHost, runs: "unlike", script });
}
