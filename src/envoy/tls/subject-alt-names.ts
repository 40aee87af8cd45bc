import { create } from "@bufbuild/protobuf";
import {
  SubjectAltNameMatcher_SanType as SanType,
  type SubjectAltNameMatcher,
  SubjectAltNameMatcherSchema,
} from "../../gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js";

/** Matches a certificate that bears the URI, or one that begins so. */
export function uriMatcher(identity: { readonly exact: string } | { readonly prefix: string }): SubjectAltNameMatcher {
  return "prefix" in identity
    ? create(SubjectAltNameMatcherSchema, {
        sanType: SanType.URI,
        matcher: { matchPattern: { case: "prefix", value: identity.prefix } },
      })
    : nameMatcher(identity.exact);
}

/** Matches a certificate that bears the name: a URI (`spiffe://...`), an IP address, an e-mail address or a DNS name. */
export function nameMatcher(name: string): SubjectAltNameMatcher {
  return create(SubjectAltNameMatcherSchema, {
    sanType: sanType(name),
    matcher: { matchPattern: { case: "exact", value: name } },
  });
}

function sanType(name: string): SanType {
  if (name.includes("://")) return SanType.URI;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(name) || name.includes(":")) return SanType.IP_ADDRESS;
  return name.includes("@") ? SanType.EMAIL : SanType.DNS;
}
