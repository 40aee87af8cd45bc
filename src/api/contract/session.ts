/** `GET /api/v1/session`: who asks, what they may, and how to log in. Answered to everybody. */
export interface Session {
  /** Absent: nobody has logged in, and nothing is told of the mesh. */
  readonly who?: Who;
  readonly logins: readonly Login[];
  /** What each change carries as the header `x-weft-request`. */
  readonly csrf: string;
}

export interface Who {
  readonly name: string;
  readonly groups: readonly string[];
  /** How that is known: `owner` (the mesh's token or link), `machine` (who is on this machine, or was let through to the Pod: may read alone), ... */
  readonly how: "owner" | "machine" | "token" | "oidc" | "kubernetes" | "header";
  /** Namespaces that they may see. */
  readonly namespaces: "all" | readonly string[];
  /** Whether they may do what concerns the whole mesh. */
  readonly operates: boolean;
  /** Whether anything at all can be changed; what exactly, `GET /api/v1/may` tells. */
  readonly viewOnly: boolean;
  /** When the session ends: milliseconds since the epoch. Absent where there is none to end. */
  readonly endsAt?: number;
}

/** A way to log in: a token in a form, or a link. */
export interface Login {
  readonly kind: "token" | "oidc";
  /** What stands on the button, or above the field. */
  readonly label: string;
  /** How to get one: a command, or a sentence. */
  readonly hint: string;
  /** Of `oidc`: where it begins, below the page's base address. */
  readonly href?: string;
}

/** `GET /api/v1/may?what=create|update|delete&type=&namespace=&name=`. */
export interface May {
  readonly allowed: boolean;
  /** Why not, in a sentence. */
  readonly why?: string;
}

/** `POST /api/v1/login-links`: where a browser is logged in as who asks, once. */
export interface LoginLink {
  /** Below the console's address: `/?token=...`. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly goodUntil: number;
}

/** `GET /api/v1/audit`, newest first. */
export interface Audit {
  readonly records: readonly AuditEntry[];
}

export interface AuditEntry {
  readonly at: number;
  readonly who: string;
  readonly how: string;
  readonly from: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly objects: readonly string[];
}
