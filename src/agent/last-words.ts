import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const tailBytes = 64 * 1024;

/** Why an Envoy that ended did so, by the end of its log and in the user's words; undefined where it does not say. */
export function lastWords(logFile: string): string | undefined {
  const line = tail(logFile)
    .split("\n")
    .findLast((l) => /\[critical\]\[(assert|main|misc)\]/.test(l));
  if (line === undefined) return undefined;
  if (line.includes("inotify")) {
    return "this user has no inotify instances left, and each Envoy needs some; allow more: sysctl -w fs.inotify.max_user_instances=8192";
  }
  return line.replace(/^(\[[^\]]*\] ?)+/, "").slice(0, 300);
}

function tail(file: string): string {
  try {
    const fd = openSync(file, "r");
    try {
      const { size } = fstatSync(fd);
      const buffer = Buffer.alloc(Math.min(size, tailBytes));
      readSync(fd, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString("utf8");
    } finally {
      closeSync(fd);
    }
  } catch {
    return "";
  }
}
