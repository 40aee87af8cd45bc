import { istioNames, longestPage } from "./bootstrap-metrics.ts";

/** A page of metrics of the application's. */
export interface ScrapeTarget {
  readonly port: number;
  /** With its query, where it has one: `/metrics`. */
  readonly path: string;
  readonly tls: boolean;
}

/** Where the merged page is, as with Istio's agent. */
export const mergedPath = "/stats/prometheus";

const type = "type.googleapis.com/envoy";

/**
 * The proxy's page with those of the application behind it. Prometheus' text format alone is asked for, as it can be put together as it is. Each
 * page is told with whether it came: a page that does not come in time, or is more than 16 MiB, takes nothing away from the others.
 * The time is what Prometheus says it waits, less a fifth, in equal parts; Envoy holds 32 MiB of an answer at the most.
 */
const script = `${istioNames}
function envoy_on_request(handle)
  local said = tonumber(handle:headers():get("x-prometheus-scrape-timeout-seconds"))
  if said and said > 0 and said < 3600 then handle:streamInfo():dynamicMetadata():set("weft.metrics", "seconds", said) end
end
local function plain(page, kind)
  if not (kind or ""):find("openmetrics", 1, true) then return page end
  return (page:gsub("([%dNf]) # {[^\\n]*", "%1"):gsub("# EOF%s*$", ""))
end
local function label(text)
  return (text:gsub('[\\\\"]', "\\\\%0"))
end
function envoy_on_response(handle)
  local body = handle:body()
  if body == nil then return end
  local pages = {rename(body:getBytes(0, body:length()))}
  local told = {"# TYPE weft_application_scrape_up gauge\\n"}
  local targets = handle:filterContext():get("targets") or {}
  local seconds = (handle:streamInfo():dynamicMetadata():get("weft.metrics") or {})["seconds"] or 10
  local finish = handle:timestamp() + seconds * 800
  for i, target in ipairs(targets) do
    local rest = math.max(100, math.floor((finish - handle:timestamp()) / (#targets - i + 1)))
    local headers, page = handle:httpCall(target.cluster, {
      [":method"] = "GET", [":path"] = target.path, [":authority"] = target.authority,
      ["accept"] = "text/plain;version=0.0.4;q=1,*/*;q=0.1", ["user-agent"] = "weft",
    }, nil, rest)
    local up = headers[":status"] == "200" and page ~= nil and #page <= 16777216
    if up then
      page = plain(page, headers["content-type"])
      table.insert(pages, page)
      if page:sub(-1) ~= "\\n" then table.insert(pages, "\\n") end
    end
    table.insert(told, 'weft_application_scrape_up{port="' .. target.port .. '",path="' .. label(target.path) .. '"} ' .. (up and 1 or 0) .. "\\n")
  end
  if #targets > 0 then table.insert(pages, table.concat(told)) end
  handle:body():setBytes(table.concat(pages))
end`;

/** What the listener of the merged page needs. */
export function scrapeParts(targets: readonly ScrapeTarget[]): {
  readonly route: unknown;
  readonly clusters: readonly unknown[];
  readonly listener: object;
} {
  return {
    route: route(targets),
    clusters: [...new Map(targets.map((target) => [clusterName(target), cluster(target)])).values()],
    listener: { per_connection_buffer_limit_bytes: longestPage },
  };
}

function route(targets: readonly ScrapeTarget[]): unknown {
  const context = targets.map((target) => ({
    cluster: clusterName(target),
    authority: `localhost:${target.port}`,
    port: String(target.port),
    path: target.path,
  }));
  return {
    match: { path: mergedPath, headers: [{ name: ":method", string_match: { exact: "GET" } }] },
    // Envoy's page would come as protobuf for whoever takes that.
    request_headers_to_remove: ["accept"],
    route: { cluster: "weft-admin", timeout: "0s" },
    typed_per_filter_config: {
      "envoy.filters.http.lua": {
        "@type": `${type}.extensions.filters.http.lua.v3.LuaPerRoute`,
        source_code: { inline_string: script },
        filter_context: { targets: context },
      },
    },
  };
}

/** Pages of one port share it. */
function clusterName({ port, tls }: ScrapeTarget): string {
  return `weft-scrape-${port}${tls ? "-tls" : ""}`;
}

/** The application beside the proxy: by loopback, which is not captured. */
function cluster(target: ScrapeTarget): unknown {
  const name = clusterName(target);
  const at = (address: string) => ({ socket_address: { address, port_value: target.port } });
  const endpoint = { address: at("127.0.0.1"), additional_addresses: [{ address: at("::1") }] };
  return {
    name,
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
    ...(target.tls ? { transport_socket: unverified } : {}),
  };
}

/** Prometheus would not verify it either: nobody signs for a Pod's address. */
const unverified = {
  name: "envoy.transport_sockets.tls",
  typed_config: {
    "@type": `${type}.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
    common_tls_context: { alpn_protocols: ["http/1.1"] },
  },
};
