/** How something is. */
export type Health = "healthy" | "degraded" | "failing" | "unknown";
