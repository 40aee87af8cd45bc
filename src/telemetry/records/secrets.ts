/** A path without its query; what looks like a secret in it is `{secret}`. */
export function pathOf(path: string): string {
  const bare = path.replace(/[?#].*$/s, "");
  return bare.split("/").some(isSecret)
    ? bare
        .split("/")
        .map((part) => (isSecret(part) ? "{secret}" : part))
        .join("/")
    : bare;
}

/** Names of a query's parameters, at most twenty; the values of none are kept. A name that looks like a secret is one. */
export function queryNames(path: string): readonly string[] {
  const at = path.indexOf("?");
  if (at < 0) return [];
  const pairs =
    path
      .slice(at + 1, at + 4096)
      .split("#", 1)[0]
      ?.split("&", 20) ?? [];
  const names = pairs.map((pair) => pair.split("=", 1)[0] ?? "").filter((name) => name !== "");
  return [...new Set(names.map((name) => (isSecret(name) ? "{secret}" : name.slice(0, 64))))];
}

/** Tokens of three parts (JWT), and long texts of a few kinds of character that nobody reads aloud. UUIDs and hex hashes are names of things. */
function isSecret(text: string): boolean {
  if (text.length < 20) return false;
  if (/^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) return true;
  if (/^(sk|pk|ghp|gho|xox[abp]|glpat|AKIA)[-_]?[A-Za-z0-9_-]{16,}$/.test(text)) return true;
  return text.length >= 32 && /^[\w+=~-]+$/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
}
