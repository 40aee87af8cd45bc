/** Weft's own diagnostic codes of texts and single objects (`WEFT0001` to `WEFT0049`); Istio's codes are used where the meaning is equal. */
export const codes = {
  syntax: "WEFT0001",
  tab: "WEFT0002",
  unreadable: "WEFT0003",
  limit: "WEFT0004",
  notAnObject: "WEFT0005",
  noIdentity: "WEFT0006",
  unknownKind: "WEFT0007",
  unknownVersion: "WEFT0008",
  badMetadata: "WEFT0009",
  writtenTwice: "WEFT0010",
  wrongType: "WEFT0011",
  unknownField: "WEFT0012",
  missingField: "WEFT0013",
  notAllowed: "WEFT0014",
  rule: "WEFT0015",
  badRegex: "WEFT0016",
  badDuration: "WEFT0017",
  folderGone: "WEFT0018",
  /** A kind or field that is taken, but changes nothing yet. */
  noEffect: "WEFT0019",
  /** A kind, field or value that stock Envoy or this mesh cannot do: the object is not taken. */
  refused: "WEFT0020",
  /** A patch of an EnvoyFilter that changes nothing in any proxy of the mesh. */
  patchNowhere: "WEFT0030",
  /** Where a patch of an EnvoyFilter changed something. */
  patchApplied: "WEFT0031",
  /** An EnvoyFilter that is for no workload of the mesh. */
  choosesNone: "WEFT0032",
  /** The module of a WasmPlugin cannot be had. */
  noModule: "WEFT0033",
  /** A proxy asks to be a workload of a WorkloadGroup, and may not. */
  cannotJoin: "WEFT0034",
  /** A kind that the API server does not serve, or in no version that is read. */
  notServed: "WEFT0035",
  /** The API server does not let the control plane read something. */
  mayNotRead: "WEFT0036",
  /** The API server is away: what it said last stays in force. */
  stale: "WEFT0037",
  /** The keys that tokens of an issuer are checked by cannot be fetched. */
  noKeys: "WEFT0038",
  /** Who asks may not change the object. */
  forbidden: "WEFT0039",
  /** Istio's SchemaValidationError: the object breaks a rule of its kind. */
  invalid: "IST0106",
  /** Istio's SchemaWarning. */
  warning: "IST0133",
} as const;
