// Rules for dependency-cruiser: borders of rooms, made of rooms.cjs.
const rooms = require("./rooms.cjs");

/** Rooms that do no input or output. */
const pure = ["model", "track", "plan", "envoy", "analysis"];

const tests = "\\.(test|bench)\\.ts$|/testdata/|/test-[^/]*\\.ts$";

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, may]) => ({
      name: `room-${room}`,
      severity: "error",
      comment: `src/${room} may import only: ${may.join(", ") || "nothing else"} (ARCHITECTURE.md)`,
      from: { path: `^src/${room}/`, pathNot: tests },
      to: { path: "^(src|console)/", pathNot: `^src/(${[room, ...may].join("|")})/` },
    })),
    {
      name: "console-apart",
      severity: "error",
      comment: "console/ imports one folder of src/: the contract",
      from: { path: "^console/src/", pathNot: tests },
      to: { path: "^src/", pathNot: "^src/api/contract/" },
    },
    {
      name: "pure",
      severity: "error",
      comment: "these rooms do no input or output: no node: built-ins",
      from: { path: `^src/(${pure.join("|")})/`, pathNot: tests },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "main-is-the-top",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/main/|${tests}` },
      to: { path: "^src/main/" },
    },
    {
      name: "no-cycle",
      severity: "error",
      from: { path: "^src/(?!gen/)" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only", "dynamic-import"] } },
    },
    {
      name: "resolved",
      severity: "error",
      comment: "an import that leads nowhere",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    parser: "swc",
    doNotFollow: { path: "node_modules|^src/gen/" },
    exclude: { path: "^src/gen/.*_pb\\.(js|d\\.ts)$" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js", ".mjs"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
