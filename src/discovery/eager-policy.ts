/** What a sidecar has from the start of all that it may call, the default first: `all` of it, or `none` (the rest it asks for). */
export const eagerPolicies = ["all", "none"] as const;

export type EagerPolicy = (typeof eagerPolicies)[number];
