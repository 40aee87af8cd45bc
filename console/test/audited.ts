import type { AuditEntry } from "../../src/api/contract/session.ts";

/** What people tried to change in the last minutes, made up. */
export function audited(now: number): readonly AuditEntry[] {
  const base = { how: "oidc", from: "10.0.0.9", method: "POST", path: "/api/v1/apply?wait=30s" };
  return [
    {
      ...base,
      at: now - 60_000,
      who: "ann@example.com",
      status: 200,
      objects: ["VirtualService default/reviews: configured"],
    },
    { ...base, at: now - 120_000, who: "bob@example.com", status: 403, objects: ["Sidecar shop/x: refused"] },
    {
      ...base,
      at: now - 180_000,
      who: "ann@example.com",
      path: "/api/v1/certificates/rotate",
      status: 502,
      objects: [],
    },
  ];
}
