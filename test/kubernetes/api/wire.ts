import { connect, createServer, type Server, type Socket } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";

/** The network before an API server, which may fail. */
export interface Wire {
  /** The same user, over this wire. */
  config(): KubeConfig;
  /** Ends all connections, and takes no new one. */
  cut(): Promise<void>;
  /** Connections are taken again. */
  heal(): Promise<void>;
  /** The connections there are carry nothing more, and nobody hears of it; new ones work. */
  freeze(): void;
  close(): Promise<void>;
}

/** A wire to the API server of a kubeconfig. */
export async function wire(of: KubeConfig): Promise<Wire> {
  const target = new URL(of.getCurrentCluster()?.server ?? "");
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    for (const [one, other] of [pair, [far, near] as const])
      one
        .on("error", () => other.destroy())
        .on("close", () => {
          other.destroy();
          pairs.delete(pair);
        });
  });
  await listen(server, 0);
  const port = (server.address() as { readonly port: number }).port;
  const drop = () => {
    for (const [near] of pairs) near.destroy();
  };
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      drop();
    });
  return {
    config() {
      const config = new KubeConfig();
      const text = JSON.parse(of.exportConfig()) as { clusters: { cluster: { server: string } }[] };
      for (const { cluster } of text.clusters) cluster.server = `https://127.0.0.1:${port}`;
      config.loadFromString(JSON.stringify(text));
      return config;
    },
    cut: close,
    heal: () => listen(server, port),
    freeze() {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    close,
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}
