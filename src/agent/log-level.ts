/**
 * What Envoy's components log where nobody says it, as with Istio: `misc` warns of each deprecated field again at each update, and would drown what
 * an operator looks for.
 */
export const defaultComponentLogLevel = "misc:error";
