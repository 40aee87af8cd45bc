import { isHttp, type Protocol } from "../protocol.ts";
import type { Service } from "../service.ts";
import { type Egress, takesService } from "../sidecar/egress.ts";

/** A place of its own that a Sidecar gives to what goes out by a port. */
export interface BoundPlace {
  /** IP address or `unix:///path`. */
  readonly address: string;
  /** 0 for a socket. */
  readonly port: number;
  /** The proxy listens there itself; else what is called there is captured. */
  readonly bound: boolean;
  /** What its listener says it carries; absent: what the services' ports say. */
  readonly protocol?: Protocol;
  /** Requests name service and port by their Host. */
  readonly proxy: boolean;
  readonly services: readonly Service[];
}

function isPlain({ bind, bound, proxy }: Egress): boolean {
  return bind === "" && !bound && !proxy;
}

/** Whether calls to a port are captured as they are without a Sidecar: the listener of this port says so, or the one for the rest. */
export function isCaptured(listeners: readonly Egress[], port: number, protocol: Protocol): boolean {
  const own = listeners.find((l) => l.port?.number === port);
  const rest = listeners.find((l) => l.port === undefined);
  if (own !== undefined && (isPlain(own) || isHttp(protocol))) return isPlain(own);
  return rest === undefined ? own !== undefined && isPlain(own) : isPlain(rest);
}

/** The places that a Sidecar's listeners give to services that it sees. */
export function boundPlaces(listeners: readonly Egress[], services: readonly Service[]): readonly BoundPlace[] {
  return listeners
    .filter((listener) => !isPlain(listener))
    .flatMap((listener) => {
      const { bind, bound, port, proxy } = listener;
      // Where it listens itself others of the machine must not reach it.
      const address = bind === "" ? "127.0.0.1" : bind;
      const taken = services.filter((s) => takesService(listener, s.namespace, s.host));
      const place = (number: number): BoundPlace => ({
        address,
        port: number,
        bound: bound || proxy,
        ...(port === undefined ? {} : { protocol: port.protocol }),
        proxy: proxy || number === 0,
        services: taken.filter((s) => number === 0 || proxy || s.ports.some((p) => p.number === number)),
      });
      if (port !== undefined) return [place(port.number)];
      const numbers = taken.flatMap((s) => s.ports.filter((p) => p.protocol !== "udp").map((p) => p.number));
      return [...new Set(numbers)].map(place);
    });
}
