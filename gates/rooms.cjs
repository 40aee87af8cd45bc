// Room → rooms of src/ that it may import. ARCHITECTURE.md prints this table, and a test compares the two.
const rooms = {
  std: [],
  gen: [],
  model: ["std", "gen"],
  track: ["std", "model"],
  sources: ["std", "model"],
  plan: ["std", "gen", "model", "track"],
  envoy: ["std", "gen", "plan", "track"],
  xds: ["std", "gen"],
  discovery: ["std", "gen", "model", "track", "plan", "envoy", "xds"],
  ca: ["std", "gen", "model"],
  agent: ["std", "gen", "model"],
  host: ["std", "model", "agent"],
  analysis: ["std", "gen", "model", "track", "plan"],
  telemetry: ["std", "gen", "model"],
  store: ["std", "gen", "model"],
  api: ["std", "model", "store", "analysis"],
  cli: ["std", "gen", "model", "track", "sources", "analysis", "plan", "api", "store", "telemetry", "host", "agent", "ca", "xds", "envoy", "discovery"],
};

module.exports = rooms;
