import type { GatewaySpec, Server } from "../../../gen/istio/gateway.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkPort, checkUnixPath, isAddress, isDnsLabel, protocol } from "../names.ts";
import { checkScopedHost } from "./hosts.ts";
import { checkServerTls } from "./server-tls.ts";

/** Istio's rules for a Gateway. Source: istio pkg/config/validation. */
export function checkGateway(resource: Resource, root: Findings): void {
  const spec = resource.spec as GatewaySpec;
  if (!isDnsLabel(resource.name))
    root.at("metadata", "name").error(`invalid gateway name: "${resource.name}"`, "write a name without dots");
  const found = root.at("spec", "servers");
  const servers = spec.servers ?? [];
  if (servers.length === 0)
    root.at("spec").error("gateway must have at least one server", "write a server under servers");
  const names = new Set<string>();
  servers.forEach((server, i) => {
    const at = found.at(i);
    checkServer(server, at);
    if (server.port === undefined) return;
    if (names.has(server.port.name)) {
      at.at("port", "name").error(
        `port names in servers must be unique: duplicate name ${server.port.name}`,
        "give each port a name of its own",
      );
    }
    names.add(server.port.name);
    if (!protocol.isHttp(server.port.protocol) && server.tls?.httpsRedirect) {
      at.at("tls", "httpsRedirect").warn(
        "tls.httpsRedirect should only be used with http servers",
        "move it to the server of the http port",
      );
    }
  });
}

function checkServer(server: Server, found: Findings): void {
  if (server.hosts.length === 0)
    found.at("hosts").error("server config must contain at least one host", 'write a host, or "*"');
  server.hosts.forEach((host, i) => void checkScopedHost(host, "gateway", found.at("hosts", i)));
  const before = found.diagnostics.length;
  checkServerPort(server, found);
  const isPortFine = found.diagnostics.length === before;
  checkBind(server, found);
  if (server.tls) checkServerTls(server.tls, found.at("tls"));
  if (isPortFine) checkTlsFitsPort(server, found);
}

function checkServerPort({ port, bind }: Server, found: Findings): void {
  const at = found.at("port");
  if (port === undefined) {
    at.error("port is required", "write port with number, name and protocol");
    return;
  }
  if (!protocol.isKnown(port.protocol)) {
    at.at("protocol").error(
      `invalid protocol "${port.protocol}", supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP`,
      "write one of them",
    );
  }
  if (port.number > 0 || !bind?.startsWith("unix://")) checkPort(port.number, at.at("number"));
  if ((port.targetPort ?? 0) > 0) at.at("targetPort").error("targetPort has no impact on Gateways", "remove it");
  if (port.name === "") at.at("name").error("port name must be set", "write a name");
}

function checkBind({ port, bind }: Server, found: Findings): void {
  const at = found.at("bind");
  if (bind?.startsWith("unix://")) {
    checkUnixPath(bind.slice("unix://".length), at);
    if (port !== undefined && port.number !== 0)
      found.at("port", "number").error("port number must be 0 for unix domain socket", "write 0");
  } else if (bind !== undefined && bind !== "" && !isAddress(bind))
    at.error(`${bind} is not a valid IP`, "write an IP address or unix:///path");
}

function checkTlsFitsPort({ port, tls }: Server, found: Findings): void {
  const isTls = protocol.isTls(port.protocol);
  if (isTls && tls === undefined) {
    found.error("server must have TLS settings for HTTPS/TLS protocols", "write tls with a mode and a credentialName");
    return;
  }
  if (isTls || tls === undefined) return;
  if (!protocol.isHttp(port.protocol)) {
    found
      .at("tls")
      .error("server cannot have TLS settings for non HTTPS/TLS ports", "write protocol: TLS, or remove tls");
    return;
  }
  // On a plain HTTP port only the redirect to HTTPS makes sense, which needs no certificates.
  const passes = ["PASSTHROUGH", "AUTO_PASSTHROUGH"].includes(tls.mode ?? "PASSTHROUGH");
  if (!passes || tls.caCertificates || tls.privateKey || tls.serverCertificate) {
    found
      .at("tls")
      .error(
        "server cannot have TLS settings for plain text HTTP ports",
        "write protocol: HTTPS, or keep httpsRedirect alone",
      );
  }
}
