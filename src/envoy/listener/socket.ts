import { create } from "@bufbuild/protobuf";
import {
  type Address,
  AddressSchema,
  type CidrRange,
  CidrRangeSchema,
  SocketAddress_Protocol,
} from "../../gen/envoy/config/core/v3/address_pb.js";

/** A TCP address to listen on. */
export function tcpAddress(address: string, port: number): Address {
  return create(AddressSchema, {
    address: { case: "socketAddress", value: { address, portSpecifier: { case: "portValue", value: port } } },
  });
}

/** Where a user binds a port: an IP address, or a unix socket (`unix:///run/edge.sock`, `unix://@abstract`), which has no port. */
export function boundAddress(bind: string, port: number): Address {
  const path = /^unix:\/\/(.+)$/.exec(bind)?.[1];
  if (path === undefined) return tcpAddress(bind, port);
  return create(AddressSchema, { address: { case: "pipe", value: { path } } });
}

/** A UDP address to listen on. */
export function udpAddress(address: string, port: number): Address {
  return create(AddressSchema, {
    address: {
      case: "socketAddress",
      value: { protocol: SocketAddress_Protocol.UDP, address, portSpecifier: { case: "portValue", value: port } },
    },
  });
}

/** `10.0.0.0/8`, or a single address. */
export function cidr(text: string): CidrRange {
  const [address = "", length] = text.split("/");
  const prefixLen = length === undefined ? (address.includes(":") ? 128 : 32) : Number(length);
  return create(CidrRangeSchema, { addressPrefix: address, prefixLen });
}
