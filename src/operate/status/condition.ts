/** A condition as it shall be. When it came to be so is found when it is written. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  /** CamelCase, for programs. */
  readonly reason: string;
  /** For people; sentences. */
  readonly message: string;
}

/** A condition that holds. `reason` is its type unless said. */
export function holds(type: string, message: string, reason: string = type): Condition {
  return { type, status: "True", reason, message };
}

/** A condition that does not hold, and why. */
export function holdsNot(type: string, reason: string, message: string): Condition {
  return { type, status: "False", reason, message };
}

/** Sentences of a message out of findings without full stops. */
export function sentences(parts: readonly string[]): string {
  return [...new Set(parts)].map((part) => `${part[0]?.toUpperCase() ?? ""}${part.slice(1)}.`).join(" ");
}
