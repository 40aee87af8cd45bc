import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "@bufbuild/protobuf";

/** A provider over HTTP that a case's policies ask: it refuses what says so, and fails at what says that. */
export interface Authorizer {
  /** It, by the name of a cluster. */
  cluster(name: string): JsonObject;
  /** Paths that it was asked of. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

export async function startAuthorizer(): Promise<Authorizer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const said = request.headers["x-custom-id"];
    response.writeHead(said === "refuse" ? 403 : said === "fail" ? 500 : 200).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    cluster: (name) => ({
      ...{ name, type: "STATIC", connectTimeout: "1s" },
      loadAssignment: {
        clusterName: name,
        endpoints: [
          { lbEndpoints: [{ endpoint: { address: { socketAddress: { address: "127.0.0.1", portValue: port } } } }] },
        ],
      },
    }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
