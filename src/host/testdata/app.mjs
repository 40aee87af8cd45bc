// An application for the host's tests: says who it is, and does from inside its Pod what it is asked to.
import dns from "node:dns/promises";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";

const get = (url, agent = false) =>
  new Promise((resolve, reject) => {
    const sent = http.get(url, { agent, timeout: 5000 }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
      answer.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
    sent.on("error", reject);
  });

// Its very first call, before it listens.
const first = process.env.FIRST_CALL && (await get(process.env.FIRST_CALL).catch((error) => ({ error: error.code })));

const jobs = {
  "/first": async () => first,
  "/": async (q, request) => ({ host: os.hostname(), uid: process.getuid(), peer: request.socket.remoteAddress, version: process.env.VERSION, ip: process.env.POD_IP, level: process.env.LEVEL, node: process.versions.node }),
  "/get": async (q) => get(q.get("url")),
  "/headers": async (q, request) => request.headers,
  // By the agent that heeds HTTP_PROXY.
  "/proxied": async (q) => JSON.parse((await get(q.get("url"), http.globalAgent)).text),
  "/lookup": async (q) => dns.lookup(q.get("name"), { all: true }),
  "/resolve": async (q) => dns.resolve(q.get("name"), q.get("type")),
  "/read": async (q) => fs.readFileSync(q.get("file"), "utf8"),
  "/write": async (q) => fs.writeFileSync(q.get("file"), "x"),
  "/exit": async (q) => process.exit(Number(q.get("code"))),
  "/say": async (q) => void process.stdout.write(`${q.get("text")}\n`),
  "/slow": async (q) => new Promise((resolve) => setTimeout(() => resolve("slow"), Number(q.get("ms")))),
};

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, "http://app");
  try {
    response.setHeader("connection", "close");
    response.end(JSON.stringify((await jobs[url.pathname](url.searchParams, request)) ?? null));
  } catch (error) {
    response.statusCode = 500;
    response.end(JSON.stringify({ error: error.code ?? error.message }));
  }
});
const address = process.env.HOST && process.env.HOST !== "0.0.0.0" ? process.env.HOST : undefined;
setTimeout(() => server.listen(Number(process.env.PORT ?? 9080), address, () => console.log(`up ${process.env.VERSION ?? ""}`)), Number(process.env.DELAY ?? 0));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
