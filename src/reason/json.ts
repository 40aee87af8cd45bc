/** A message in protobuf's JSON form, with Envoy's own field names. */
export type Json = Readonly<Record<string, unknown>>;

/** A message in a field; undefined where it is not there. */
export function part(of: Json, field: string): Json | undefined {
  const value = of[field];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** Messages of a list; none where it is not there. */
export function parts(of: Json | undefined, field: string): readonly Json[] {
  const value = of?.[field];
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
