import type { Who } from "../../../src/api/contract/session.ts";

/** What somebody may, in a sentence. */
export function rightsInWords({ namespaces, operates, viewOnly, how }: Who): string {
  const where =
    namespaces === "all"
      ? "every namespace"
      : namespaces.length === 0
        ? "no namespace"
        : namespaces.length <= 3
          ? namespaces.join(", ")
          : `${namespaces.slice(0, 2).join(", ")} and ${namespaces.length - 2} more namespaces`;
  if (how === "machine") return `Sees ${where}. Nobody has logged in, so nothing can be changed here.`;
  if (viewOnly) return `Sees ${where}. This console changes nothing.`;
  return operates ? "May change everything." : `Sees ${where}; may change there what their role lets them.`;
}

const ways: Readonly<Record<Who["how"], string>> = {
  owner: "logged in by a link of whoever started this mesh",
  machine: "on the machine, or let through to the Pod",
  token: "logged in by a token",
  oidc: "logged in by the identity provider",
  kubernetes: "logged in by a Kubernetes token",
  header: "named by the proxy before this console",
};

export function wayInWords(how: Who["how"]): string {
  return ways[how];
}
