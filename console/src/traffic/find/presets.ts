/** An expression that is offered. */
export interface Preset {
  readonly words: string;
  readonly expression: string;
}

export const findPresets: readonly Preset[] = [
  { words: "Failing edges (over 5% errors)", expression: "%httperr > 5 or %grpcerr > 5" },
  { words: "Slow edges (over 1 s)", expression: "rt > 1000" },
  { words: "Unhealthy nodes", expression: "! healthy" },
  { words: "Without mutual TLS", expression: "traffic and !mtls" },
  { words: "Without a sidecar", expression: "!sidecar" },
  { words: "Unknown callers", expression: "name = unknown" },
  { words: "Hosts outside", expression: "external" },
  { words: "The two top ranks", expression: "rank <= 2" },
];

export const hidePresets: readonly Preset[] = [
  { words: "Healthy nodes", expression: "healthy" },
  { words: "Unknown callers", expression: "name = unknown" },
  { words: "Gateways", expression: "gateway" },
  { words: "Lower ranks than the two top ones", expression: "rank > 2" },
];
