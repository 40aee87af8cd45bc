import type { BootstrapSettings } from "./bootstrap-settings.ts";

/** Request header of who reads Envoy's own names and needs no other: the control plane. */
const rawMetricsHeader = "x-weft-raw";

/** Bytes of a page that are held to be rewritten; a longer one is refused. */
export const longestPage = 64 * 1024 * 1024;

/**
 * Envoy puts its own name before that of every metric, and writes nothing for a label that nobody knows. Istio's metrics go out with Istio's names, and
 * `unknown`, so that whoever scrapes a Pod as with Istio gets the same.
 */
export const istioNames = `local function rename(text)
  return (text:gsub("envoy_(istio_[^\\n]*)", function(line)
    return (line:gsub('=""', '="unknown"'))
  end))
end`;

const script = `${istioNames}
function envoy_on_request(handle)
  if handle:headers():get("${rawMetricsHeader}") then handle:streamInfo():dynamicMetadata():set("weft.metrics", "raw", true) end
end
function envoy_on_response(handle)
  if handle:streamInfo():dynamicMetadata():get("weft.metrics") then return end
  local body = handle:body()
  if body == nil then return end
  body:setBytes(rename(body:getBytes(0, body:length())))
end`;

/** HTTP filters of the page of metrics: what is rewritten last is packed first in this list. */
export function metricsFilters(by: BootstrapSettings["statsCompression"]): readonly unknown[] {
  const lua = {
    name: "weft.metrics",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
      default_source_code: { inline_string: script },
    },
  };
  return [...compressors(by), lua];
}

function compressors(by: BootstrapSettings["statsCompression"]): readonly unknown[] {
  if (by === undefined) return [];
  const library = {
    name: by,
    typed_config: {
      "@type": `type.googleapis.com/envoy.extensions.compression.${by}.compressor.v3.${by[0]?.toUpperCase()}${by.slice(1)}`,
    },
  };
  return [
    {
      name: "envoy.filters.http.compressor",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.compressor.v3.Compressor",
        compressor_library: library,
      },
    },
  ];
}
