import type { Level } from "../model/diagnostic.ts";

/** What a code means. */
interface Words {
  readonly level: Level;
  readonly title: string;
  readonly text: string;
  readonly fix: string;
}

/** Codes of Weft's own analysers, for what Istio has no code for. */
export const ownFindings = {
  WEFT0101: {
    level: "Warning",
    title: "A route holds nowhere at a parent",
    text: "One of a route's parentRefs leads to nothing, or to what does not take this route: no request there follows it. The message ends with the reason that Gateway API's condition Accepted has.",
    fix: "Check the parent's name, namespace, kind and port, and what its listeners allow.",
  },
  WEFT0102: {
    level: "Warning",
    title: "A route refers to something that is not there",
    text: "A backend of a route does not exist, may not be referred to, or is of a kind that gets no traffic: its share of the requests gets 500 (gRPC: UNAVAILABLE; TCP: a closed connection). The message ends with the reason that Gateway API's condition ResolvedRefs has.",
    fix: "Check the backend's name, namespace and port; one of another namespace needs a ReferenceGrant there.",
  },
  WEFT0103: {
    level: "Warning",
    title: "A part of a route is not understood",
    text: "A filter or a match of a route is none that the mesh knows: requests that it is for get 500, and a match that cannot be read matches nothing.",
    fix: "Write what the specification has, or what docs/compatibility.md says instead.",
  },
  WEFT0104: {
    level: "Warning",
    title: "A VirtualService and a route are for the same host",
    text: "Of a VirtualService and the routes of Gateway API at the same service only one holds: a client follows the routes of its own namespace, then whichever is older.",
    fix: "Keep one of them.",
  },
  WEFT0111: {
    level: "Warning",
    title: "A policy chooses no workload",
    text: "A RateLimit or Compression is for workloads and gateways of its own namespace (in the root namespace: of all) that have all labels of its selector. There are none.",
    fix: "Compare its labels and namespace with those of Pods.",
  },
  WEFT0112: {
    level: "Warning",
    title: "Two Compressions are for the same workload",
    text: "One Compression holds for a workload: with a selector before those without, its namespace's before the root namespace's, and of two that are alike the oldest.",
    fix: "Keep one of them, or give them selectors that do not meet.",
  },
  WEFT0113: {
    level: "Warning",
    title: "A limit never decides",
    text: "A request must find room in every rule that it matches. Another rule counts the very same requests and lets fewer of them pass, so this one never refuses any.",
    fix: "Remove one of the two, or make their matches differ.",
  },
  WEFT0114: {
    level: "Warning",
    title: "Two Fallbacks are for the same host",
    text: "Of several Fallbacks of one namespace for the same host and subset the oldest holds.",
    fix: "Make them one.",
  },
  WEFT0105: {
    level: "Warning",
    title: "Nothing comes of a Gateway, ListenerSet or Ingress",
    text: "Its class is of another controller or not there, or the Gateway that a ListenerSet names does not take it: no router serves it.",
    fix: "Name a class of the mesh (istio, weft, or one whose controller is the mesh's), or let the Gateway take the ListenerSet by spec.allowedListeners.",
  },
  WEFT0106: {
    level: "Warning",
    title: "A listener does not serve, or an address is not given",
    text: "A listener has a protocol that no proxy speaks, no certificate, or another listener was first at its port and hostname. The message ends with the reason that Gateway API's conditions have.",
    fix: "Mend what the message names.",
  },
  WEFT0107: {
    level: "Warning",
    title: "A BackendTLSPolicy cannot be kept",
    text: "Its CA certificates are not there or cannot be used, or an older policy is for the same target. Without any CA certificate its targets get no traffic.",
    fix: "Give a ConfigMap with ca.crt in the policy's namespace, or wellKnownCACertificates: System.",
  },
  WEFT0108: {
    level: "Warning",
    title: "A part of a listener is left out",
    text: "A certificate, CA certificate or kind of routes that a listener names cannot be used; with the others it serves.",
    fix: "Mend what the message names.",
  },
  WEFT0109: {
    level: "Info",
    title: "No route is at a listener",
    text: "Requests there are answered by 404, and connections are not taken.",
    fix: "Name it in a route's parentRefs.",
  },
  WEFT0115: {
    level: "Warning",
    title: "Two PeerAuthentications are for the same workload",
    text: "Of several PeerAuthentications of a namespace without a selector, or with selectors that cover the same workload, the oldest holds, as in Istio.",
    fix: "Keep one of them, or give them selectors that do not meet.",
  },
  WEFT0116: {
    level: "Warning",
    title: "A DestinationRule and a PeerAuthentication contradict each other",
    text: "Callers follow the DestinationRule: plaintext or TLS of their own to a workload that takes mutual TLS of the mesh alone, or mutual TLS to one that takes none. Their connections fail.",
    fix: "Take tls out of the DestinationRule: without it callers speak what each workload takes.",
  },
  WEFT0117: {
    level: "Warning",
    title: "A VirtualService is for another namespace's service",
    text: "Its rules hold for callers of other namespaces, and perhaps of all, as in Istio: whoever may write a VirtualService anywhere may lead away requests to any service. Those of the root namespace are the administrators' and not told.",
    fix: 'Write it into the service\'s namespace, or exportTo: ["."] for callers of its own. defaultVirtualServiceExportTo: ["."] in MeshConfig makes that the default.',
  },
  WEFT0121: {
    level: "Warning",
    title: "A provider that a policy asks cannot be asked",
    text: "A policy of action CUSTOM names a provider that MeshConfig does not have, or one whose service or port is not there or not visible in the policy's namespace: what the policy matches is refused, whatever failOpen says.",
    fix: "Add the provider to MeshConfig's extensionProviders, or mend its service and port.",
  },
  WEFT0122: {
    level: "Warning",
    title: "A policy asks for an identity that callers need not prove",
    text: "Where mutual TLS is not STRICT some callers have no certificate. They are none of those whom an ALLOW rule means by a negated field, and may be anybody whom a DENY rule means: neither lets them in.",
    fix: "Make the PeerAuthentication STRICT, once all callers speak mutual TLS.",
  },
} as const satisfies Readonly<Record<string, Words>>;

/** A code of Weft's own analysers. */
export type OwnCode = keyof typeof ownFindings;
