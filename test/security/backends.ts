import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { unescape as unescapeAny } from "node:querystring";
import { setTimeout as pause } from "node:timers/promises";

/** Servers of three makes that answer with what they read out of a request's path: one reading a line, `PATH\t/admin`. */
export interface Backends {
  /** Ports by name. */
  readonly ports: Readonly<Record<"node" | "nginx" | "python", number>>;
  stop(): Promise<void>;
}

const ports = { node: 7001, nginx: 7002, python: 7003 } as const;

export async function startBackends(address: string): Promise<Backends> {
  const directory = mkdtempSync(join(tmpdir(), "backends-"));
  const node = createServer((request, response) => {
    request.on("error", () => {}).resume();
    request.on("end", () => response.end(told(readings(request.url ?? ""))));
  });
  node.listen(ports.node, address);
  await once(node, "listening");
  const children = [nginx(address, directory), python(address)];
  try {
    for (const port of [ports.nginx, ports.python]) await listening(address, port, children);
  } catch (error) {
    for (const child of children) child.kill("SIGKILL");
    throw error;
  }
  return {
    ports,
    async stop() {
      node.closeAllConnections();
      node.close();
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map((c) => (c.exitCode === null && c.signalCode === null ? once(c, "exit") : c)));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const told = (paths: readonly string[]) => paths.map((path) => `PATH\t${path}\n`).join("");

/** Paths that a backend said it read. */
export const read = (answer: string): readonly string[] =>
  [...answer.matchAll(/^PATH\t(.*)$/gm)].map((m) => m[1] ?? "");

/** All the ways in which servers in JavaScript take a path out of `request.url`. */
function readings(url: string): readonly string[] {
  const raw = url.split(/[?#]/)[0] ?? "";
  const parsed = URL.parse(url, "http://app")?.pathname ?? raw;
  const decoded = [raw, parsed].map((path) => {
    try {
      return decodeURIComponent(path);
    } catch {
      return unescapeAny(path);
    }
  });
  return [...new Set([raw, parsed, ...decoded, ...decoded.map((p) => posix.normalize(p.replaceAll("\\", "/")))])];
}

/** Its own normalised `$uri`, and which location it chose. */
function nginx(address: string, directory: string): ChildProcess {
  const conf = join(directory, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  writeFileSync(
    conf,
    `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
events { worker_connections 512; }
http {
  access_log off; ${temporary.map((n) => `${n}_temp_path ${directory}/${n};`).join(" ")}
  keepalive_requests 100000;
  server {
    listen ${address}:${ports.nginx};
    location /admin { return 200 "PATH\t/admin\nPATH\t$uri\n"; }
    location / { return 200 "PATH\t$uri\n"; }
  }
}`,
  );
  return spawn("nginx", ["-c", conf, "-e", `${directory}/error.log`], { stdio: "ignore" });
}

/** The file that SimpleHTTPRequestHandler would send. */
function python(address: string): ChildProcess {
  const script = `
import http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    def do_GET(self):
        # What were left of a body would be read as the next request, and its answer be somebody else's.
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.told()
    def told(self):
        file = self.translate_path(self.path)[len("/srv/www"):] or "/"
        body = ("PATH\\t" + file + "\\n").encode("utf-8", "surrogatepass")
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        if self.headers.get("transfer-encoding") == "chunked":
            while (size := int(self.rfile.readline().split(b";")[0], 16)) > 0:
                self.rfile.read(size + 2)
            while self.rfile.readline().strip():
                pass
            self.told()
        else:
            self.do_GET()
    def log_message(self, *_):
        pass
    def __init__(self, *a):
        super().__init__(*a, directory="/srv/www")
http.server.ThreadingHTTPServer(("${address}", ${ports.python}), Handler).serve_forever()`;
  return spawn("python3", ["-c", script], { stdio: "ignore" });
}

async function listening(host: string, port: number, children: readonly ChildProcess[]): Promise<void> {
  for (;;) {
    const socket = connect({ host, port });
    const up = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (up) return;
    const gone = children.find((child) => child.exitCode !== null);
    if (gone !== undefined) throw new Error(`${gone.spawnfile} ended`);
    await pause(20);
  }
}
