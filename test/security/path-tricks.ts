/** Requests, whole, whose path some server may read as `/admin` or below, and some that none does. The same for the same seed. */
export function tricks(seed: number): readonly string[] {
  const paths = [...spelled(), ...bytes(), ...mixed(seed, 500)];
  return [...new Set(paths.map((path) => line(path))), ...forms()];
}

const line = (target: string, host = "app", more = "") =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`;

/** Every byte but NUL's own test, escaped, where it may be overlooked. */
function bytes(): readonly string[] {
  return Array.from({ length: 256 }, (_, i) => `%${i.toString(16).padStart(2, "0")}`).flatMap((b) => [
    `/admin${b}`,
    `/${b}admin`,
    `/public/..${b}admin`,
    `/public/${b}/../admin`,
    `/a${b}/../../admin`,
  ]);
}

/** What has opened doors before. */
function spelled(): readonly string[] {
  const up = [
    "..",
    "%2e%2e",
    "%2E.",
    ".%2e",
    "..;",
    "..;x=y",
    "%252e%252e",
    "%c0%ae%c0%ae",
    "%e0%80%ae%e0%80%ae",
    "．．",
  ];
  const slashes = [
    "/",
    "//",
    "///",
    "/./",
    "\\",
    "%2f",
    "%2F",
    "%5c",
    "%5C",
    "%252f",
    "%c0%af",
    "%ef%bc%8f",
    "/;/",
    "/;x=1/",
  ];
  const names = [
    "admin",
    "%61dmin",
    "%61%64%6d%69%6e",
    "adm%69n",
    "admin.",
    "admin;x=1",
    "Admin",
    "ADMIN",
    "admin%20",
    "admin%09",
    "admin%00",
  ];
  const ends = ["", "/", "?", "?x", "#f", "%23f", "%3f", ";x=", "/.", "//", "%2f", "\\", ".html", "/%2e%2e/admin"];
  return [
    ...slashes.flatMap((slash) => names.map((name) => `/public${slash}..${slash}${name}`)),
    ...up.flatMap((dots) => slashes.map((slash) => `/public${slash}${dots}${slash}admin`)),
    ...slashes.flatMap((slash) => names.map((name) => `${slash}${name}`)),
    ...names.flatMap((name) => ends.map((end) => `/${name}${end}`)),
    ...byHand,
  ];
}

const byHand = [
  "/public?/../admin",
  "/public#/../admin",
  "/public/%3f/../../admin",
  "/public/%23/../../admin",
  "/public//..//..//admin",
  "/./public/.././admin",
  "/../../../admin",
  "/public/a/b/../../../admin",
  "/%u002e%u002e/admin",
  "/public/%%32%65%%32%65/admin",
  "/public/%2%66admin",
  "/public/..%\u00a0/admin",
  "/\u00e1dmin",
];

/** Other ways to say where to. */
function forms(): readonly string[] {
  const targets = [
    "http://app/admin",
    "http://app//admin",
    "http://app/public/../admin",
    "http://app/public/%2e%2e%2fadmin",
    "http://other/admin",
    "http:/admin",
    "http:///admin",
    "http://app\\admin",
    "http://app?/../admin",
    "http://app#/admin",
    "http://user:pass@app/admin",
    "HTTP://APP/admin",
    "https://app/admin",
    "ftp://app/admin",
    "app/admin",
    "admin",
    "//app/admin",
    "//admin",
    "///admin",
    "/http://app/admin",
    "*",
    "?/admin",
    "",
  ];
  const hosts = [
    "app",
    "app/admin",
    "app?",
    "app#",
    "app\\admin",
    "app:80",
    "app:80/admin",
    "APP.",
    "",
    "[::1]/admin",
    "a b",
  ];
  const rewrites = ["X-Envoy-Original-Path", "X-Forwarded-Prefix", "X-Envoy-Original-Url", ":path", "X-Weft-Scope"];
  return [
    ...targets.map((target) => line(target)),
    ...hosts.flatMap((host) => [line("/public/x", host), line("/admin", host)]),
    ...rewrites.flatMap((name) => [
      line("/admin", "app", `${name}: /public\r\n`),
      line("/public/x", "app", `${name}: /admin\r\n`),
    ]),
    "GET\t/admin HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
    "GET  /admin HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
    "GET /public /admin HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
    "GET /public\t/../admin HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
    "GET /admin HTTP/1.0\r\n\r\n",
    "GET /public/../admin HTTP/1.0\r\nHost: app\r\n\r\n",
    "GET /admin HTTP/0.9\r\n\r\n",
    "get /admin HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n",
  ];
}

/** Paths put together by chance out of what matters. */
function mixed(seed: number, count: number): readonly string[] {
  const random = randomOf(seed);
  const parts = [
    "/",
    "//",
    ".",
    "..",
    "/..",
    "/../",
    "/./",
    "%2e",
    "%2E",
    "%2f",
    "%2F",
    "%5c",
    "%5C",
    "\\",
    "admin",
    "/admin",
    "%61dmin",
  ];
  const more = [
    "public",
    "/public",
    "/public/",
    ";",
    ";x=1",
    "%3b",
    "?",
    "%3f",
    "%23",
    "%00",
    "%25",
    "%252f",
    "%252e",
    "%c0%af",
    "%c0%ae",
    "a",
    "%20",
    "+",
  ];
  const all = [...parts, ...parts, ...more];
  return Array.from({ length: count }, () => {
    const length = 2 + Math.floor(random() * 7);
    const middle = Array.from({ length }, () => all[Math.floor(random() * all.length)] ?? "").join("");
    return `${random() < 0.7 ? "/public/" : "/"}${middle}${random() < 0.6 ? "/../admin" : "admin"}`;
  });
}

/** Numbers in [0, 1), by mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
