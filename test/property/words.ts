import type { Dice } from "./dice.ts";

// Texts and numbers that meet each other: random letters would never name a host, a port or a Gateway that is there.

export const namespaces = ["a", "b", "istio-system"];
export const apps = ["cart", "pay", "web"];
export const secretNames = ["cred", "other"];
const hosts = [
  ...apps,
  ...apps.map((app) => `${app}.a.svc.cluster.local`),
  "pay.b.svc.cluster.local",
  ...["api.example.com", "*.example.com", "deep.api.example.com", "*.wild.example.com", "x", "*", "*.com"],
  "10.96.0.1",
];
const regexes = ["a.c", "/r[0-9]+", ".*", "[^/]+", "(a|b)c", ""];
const durations = ["1s", "250ms", "0s", "1h", "90s"];
const selectors = { app: apps, version: ["v1", "v2"], istio: ["ingressgateway"] };

/** Which texts a field of some name may have; the first that fits counts. Paths are the ledger's. */
const texts: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /egress\[\]\.hosts$/,
    ["*/*", "./*", "a/*", "~/*", "istio-system/*", "b/pay.b.svc.cluster.local", "*/*.example.com"],
  ],
  [
    /servers\[\]\.hosts$/,
    ["*", "api.example.com", "*.example.com", "a/*", "./*.example.com", "*/deep.api.example.com"],
  ],
  [/\.exportTo$/, [".", "*", "a", "b"]],
  [/spec\.gateways$|\.gateways$/, ["mesh", "istio-system/front", "front", "a/front"]],
  [/sniHosts$|hostnames$|hostname$/, ["api.example.com", "*.example.com", "deep.api.example.com", "pay.example.com"]],
  [
    /(destinationSubnets|sourceSubnet|addresses|[iI]pBlocks|RemoteIpBlocks)$/,
    ["10.96.0.0/16", "10.0.0.1", "10.97.0.1", "240.0.0.0/4", "2001:db8::/32"],
  ],
  [/(\.host|hosts|notHosts)$/, hosts],
  [
    /(endpoints\[\]|template|spec)\.address$/,
    ["10.0.0.1", "10.0.0.9", "db.example.com", "2001:db8::1", "unix:///run/s"],
  ],
  [/defaultEndpoint$/, ["127.0.0.1:8080", "0.0.0.0:9090", "unix:///run/app"]],
  [/\.bind$/, ["", "0.0.0.0", "127.0.0.1", "127.0.0.7"]],
  [/protocol$/, ["HTTP", "HTTP2", "GRPC", "HTTPS", "TLS", "TCP", "MONGO", "MYSQL"]],
  [/(regex|uriRegexRewrite\.match)$/, regexes],
  [/jwks$/, ['{"keys":[]}']],
  [
    /(jwksUri|jwks_uri|url)$/,
    ["http://api.example.com/x", "https://cart.a.svc.cluster.local:443/jwks", "file:///opt/x.wasm"],
  ],
  [/grpcStatus$/, ["UNAVAILABLE", "OK", "DEADLINE_EXCEEDED"]],
  [/retryOn$/, ["5xx", "connect-failure,refused-stream", "503,reset", "gateway-error"]],
  [/(credentialName|credentialNames|caCertCredentialName|secretName)$/, secretNames],
  [/(privateKey|serverCertificate|clientCertificate|caCertificates|caCrl)$/, ["/c.pem", "/k.pem", "/ca.pem"]],
  [/verifyCertificateHash$/, ["a".repeat(64)]],
  [/verifyCertificateSpki$/, ["NvqYIYSbgK2vCJpQhObf77vv+bQWtc5ek5RIOwPiC9A="]],
  [/cipherSuites$/, ["ECDHE-ECDSA-AES128-GCM-SHA256", "AES128-SHA", "ECDHE-RSA-AES256-GCM-SHA384"]],
  [/distribute\[\]\.from$/, ["r/*", "r/z/*", "*"]],
  [/failover\[\]\.(from|to)$/, ["r", "q", "s"]],
  [/failoverPriority$/, ["topology.kubernetes.io/region", "version=v1", "topology.istio.io/network"]],
  [/\.locality$/, ["r/z/s", "r/z", "q/y", "s"]],
  [/network$/, ["n1", "n2"]],
  [/subset$|subsets\[\]\.name$/, ["v1", "v2"]],
  [/[nN]amespace(s)?$/, namespaces],
  [/[pP]rincipals$/, ["cluster.local/ns/a/sa/cart", "*", "cluster.local/ns/b/*", "*/sa/pay"]],
  [/erviceAccounts$/, ["cart", "a/pay"]],
  [/trustDomains$|notTrustDomains$/i, ["cluster.local", "old.local"]],
  [/methods$|notMethods$|allowMethods$/, ["GET", "POST", "*"]],
  [/(paths|notPaths)$/, ["/a", "/a/*", "*/x", "/{*}/x", "/{**}"]],
  [/(operation\.ports|notPorts)$/, ["80", "8080"]],
  [
    /when\[\]\.key$/,
    ["source.ip", "request.headers[x-a]", "destination.port", "connection.sni", "source.namespace", "remote.ip"],
  ],
  [/(when\[\]\.values|notValues)$/, ["10.0.0.1", "8080", "a"]],
  [/allowOrigins?$/, ["https://shop.example.com", "*"]],
  [
    /(uri|path|prefixRewrite|redirect\.uri|value|replaceFullPath|replacePrefixMatch|prefix|exact)$/,
    ["/a", "/a/b", "/", "x", "10"],
  ],
  [/scheme$/, ["http", "https", ""]],
  [/authority$/, ["cart", "other.example.com"]],
  [/(matchLabels|labels|sourceLabels)\{\}$/, ["v1"]],
  [/httpHeaderName|\.header$|Headers$|headers$|\.remove$/, ["x-a", "x-user", "x-b"]],
  [/controllerName$/, ["weft.dev/gateways", "istio.io/gateway-controller"]],
  [/targetRefs?(\[\])?\.kind$/, ["Gateway", "Service"]],
  [/targetRefs?(\[\])?\.group$/, ["gateway.networking.k8s.io", ""]],
  [/targetRefs?(\[\])?\.name$/, ["front", "cart"]],
  [/tunnel\.protocol$/, ["CONNECT", "POST"]],
  [/gatewayClassName$/, ["istio", "weft"]],
  [/sectionName$|parentRefs?\[\]\.name$/, ["front", "http"]],
  [/backendRefs?(\[\])?\.name$/, apps],
  [/proxyVersion$/, ["^1\\.", ".*"]],
  [/inlineCode$/, ["function envoy_on_request(h) end"]],
  [/sha256$/, ["", "a".repeat(64)]],
  [/priority|tagOverrides|expression$/, ["true"]],
  [/\.name$|names$/, ["front", "http", "main", "first", "second"]],
];

const numbers: readonly (readonly [RegExp, readonly number[]])[] = [
  [/(port|ports\{\}|number|targetPort|portNumber|destinationPort)$/, [80, 443, 3306, 8080, 9000]],
  [/weight$/, [0, 1, 50, 99]],
  [/(redirectCode|statusCode)$/, [301, 302, 307, 308]],
  [/(httpStatus|directResponse\.status)$/, [200, 404, 503]],
  [/(percent|[pP]ercentage|mirror_percent|mirrorPercent|Percent|percentage\.value)$/, [0, 1, 50, 100]],
  [/tableSize$/, [65537, 7]],
  [/outlierDetectionHttpErrorCodes$/, [429, 500, 503]],
  [/codes$/, [500, 503]],
];

/** Keys of a map. */
const keys: readonly (readonly [RegExp, readonly string[]])[] = [
  [/portLevelMtls$/, ["8080", "3306"]],
  [/distribute\[\]\.to$/, ["r/*", "q/y/*", "s/*"]],
  [/ports$/, ["http", "main", "first"]],
  [/(set|add|headers|withoutHeaders)$/, ["x-a", "x-b", ":authority", "host"]],
  [/environmentVariables$|runtimeValues$|proxyMetadata$/, ["A_B"]],
  [/tagOverrides$|customTags$/, ["response_code", "mine"]],
];

/** Fields that their kind's rules demand, though no schema does. */
const needed =
  /(^spec\.(hosts|host|servers|http|configPatches|ports)|(tls|tcp)\[\]\.(match|route)|sniHosts|servers\[\]\.hosts|egress\[\]\.hosts|endpoints\[\]\.address|[pP]ort\.(number|name|protocol)|http2KeepAlive\.(interval|timeout)|applyTo|configPatches\[\]\.(patch|match)|patch\.(operation|value)|match\.context|portLevelSettings\[\]\.port|retries\.attempts|allowOrigins\[\]\.exact|backend\.service|service\.(name|port))$/;
/** Fields that their kind's rules forbid, though the schema has them, and those that leave little else. */
const forbidden =
  /((servers|ingress|egress)\[\]\.port\.targetPort|targetRefs?(\[\])?\.namespace|ingress\[\]\.tls|backend\.resource)$/;
/** Groups of fields of which exactly one stands. */
const choices: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^spec\.http\[\]$/, ["route", "route", "route", "redirect", "directResponse", "delegate"]],
  [/^spec\.http\[\]\.(directResponse\.body)$/, ["string", "bytes"]],
  [/^spec\.http\[\]\.fault\.abort$/, ["httpStatus", "grpcStatus"]],
  [/configPatches\[\]\.match$/, ["listener", "routeConfiguration", "cluster"]],
];

/** Whether a field must stand, must not, or may. */
export function standing(path: string): boolean | undefined {
  return forbidden.test(path) ? false : needed.test(path) ? true : undefined;
}

/** Of which fields of an object exactly one must stand. */
export function choiceAt(path: string): readonly string[] {
  return choices.find(([object]) => object.test(path))?.[1] ?? [];
}

export function textOf(dice: Dice, path: string): string {
  return dice.one(texts.find(([field]) => field.test(path))?.[1] ?? ["a", "x-a", "b"]);
}

export function numberOf(dice: Dice, path: string): number | undefined {
  const pool = numbers.find(([field]) => field.test(path))?.[1];
  return pool === undefined ? undefined : dice.one(pool);
}

export function keyOf(dice: Dice, path: string): string {
  return dice.one(keys.find(([field]) => field.test(path))?.[1] ?? ["a", "b", "x-a"]);
}

export function durationOf(dice: Dice): string {
  return dice.one(durations);
}

/** Labels that some workload has. */
export function labelsOf(dice: Dice): Readonly<Record<string, string>> {
  const name = dice.one(Object.keys(selectors) as (keyof typeof selectors)[]);
  return { [name]: dice.one(selectors[name]) };
}
