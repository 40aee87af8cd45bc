import { askAdmin } from "../agent/admin.ts";
import {
  certificateSummary,
  certificatesIn,
  chainSummaries,
  mergeCertificates,
  normalSerial,
} from "../api/certificates.ts";
import type { CertificateSummary, CertificatesAnswer } from "../api/contract/certificates.ts";
import { certsPath, envoyCertificates, withLive } from "../api/envoy-certs.ts";
import type { Authority } from "../ca/authority.ts";
import type { SvidStore } from "../ca/svid-store.ts";
import type { ConnectedProxy, Discovery } from "../discovery/discovery.ts";
import { type Identity, spiffeId } from "../model/identity.ts";
import { all } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { certificate, roots } from "../plan/security/credential.ts";
import type { TlsMaterial } from "../xds/listener.ts";

export interface CertificateListOptions {
  readonly authority: Pick<Authority, "roots" | "status">;
  readonly svids: Pick<SvidStore, "all" | "failed">;
  readonly discovery: Pick<Discovery, "proxies" | "snapshot">;
  /** What the control plane's own ports show now. */
  readonly serving: () => TlsMaterial;
  /** Path of a proxy's admin socket; absent where Envoys are elsewhere. */
  readonly adminSocket?: (proxy: ConnectedProxy["proxy"]) => string | undefined;
}

const own = "control plane";
const decoder = new TextDecoder();

/** Every certificate that this control plane knows of: roots, its own, those of workloads, and credentials that gateways may use. */
export function certificateList(options: CertificateListOptions): (live: boolean) => Promise<CertificatesAnswer> {
  return async (live) => {
    const known = mergeCertificates([
      ...rootsOf(options),
      ...serving(options),
      ...workloads(options),
      ...secrets(options),
    ]);
    const { adminSocket } = options;
    const { trouble } = options.authority.status();
    const failed = options.svids.failed().map((one) => ({ ...one, identity: spiffeId(one.identity) }));
    const told = { ...(trouble === undefined ? {} : { trouble }), ...(failed.length > 0 ? { failed } : {}) };
    if (!live || adminSocket === undefined) return { items: known, silent: [], ...told };
    const answers = await Promise.all(
      ads(options).map(({ proxy }) => askOne(`${proxy.name}.${proxy.namespace}`, adminSocket(proxy))),
    );
    const asked = new Set(answers.flatMap((one) => ("held" in one ? [one.id] : [])));
    const held = answers.flatMap((one) => ("held" in one ? one.held : []));
    return {
      items: withLive(known, held, asked),
      silent: answers.flatMap((one) => ("why" in one ? [`${one.id}: ${one.why}`] : [])),
      ...told,
    };
  };
}

type Answered = { readonly id: string } & ({ readonly held: readonly CertificateSummary[] } | { readonly why: string });

async function askOne(id: string, path: string | undefined): Promise<Answered> {
  if (path === undefined) return { id, why: "it does not run here" };
  try {
    const { status, body } = await askAdmin({ path }, "GET", certsPath);
    return status === 200 ? { id, held: envoyCertificates(body, id) } : { id, why: `Envoy answers ${status}` };
  } catch (error) {
    return { id, why: (error as Error).message };
  }
}

function ads({ discovery }: CertificateListOptions): readonly ConnectedProxy[] {
  const streams = discovery.proxies().filter(({ session }) => session.protocol.service === "ads");
  return [...new Map(streams.map((one) => [`${one.proxy.namespace}/${one.proxy.name}`, one])).values()];
}

/** Roots as the authority says that they are, and what of a plugged-in chain stands between them and it. */
function rootsOf({ authority }: CertificateListOptions): readonly CertificateSummary[] {
  const { roots: states, chain, from } = authority.status();
  const stateOf = new Map(states.map((one) => [normalSerial(one.serial), one.state]));
  const held = { kind: "root", holders: [own] } as const;
  const shown = authority.roots.flatMap(certificatesIn).map((x509) => {
    const state = stateOf.get(normalSerial(x509.serialNumber)) ?? "trusted";
    return certificateSummary(x509, { ...held, state, renewed: from === "self-signed" && state !== "trusted" });
  });
  const between = chain.map((one) => ({
    ...({ kind: "intermediate", name: one.subject, issuer: "", renewed: false, holders: [own] } as const),
    ...one,
    serial: normalSerial(one.serial),
  }));
  return [...shown, ...between];
}

function serving({ serving: now }: CertificateListOptions): readonly CertificateSummary[] {
  return chainSummaries(now().cert, { kind: own, renewed: true, holders: [own] });
}

function workloads(options: CertificateListOptions): readonly CertificateSummary[] {
  const holders = new Map<string, string[]>();
  for (const { proxy } of ads(options)) {
    const id = idOf(proxy.identity);
    holders.set(id, [...(holders.get(id) ?? []), `${proxy.name}.${proxy.namespace}`]);
  }
  return options.svids
    .all()
    .flatMap(({ identity, chain }) =>
      chainSummaries(chain, { kind: "workload", renewed: true, holders: holders.get(idOf(identity)) ?? [] }),
    );
}

function idOf(identity: Identity | undefined): string {
  return identity === undefined ? "" : spiffeId(identity);
}

/** Secrets that hold a certificate: on a cluster, of those that objects name. Keys in them are not looked at. */
function secrets({ discovery }: CertificateListOptions): readonly CertificateSummary[] {
  return all(discovery.snapshot, types.Secret).flatMap((secret) => {
    const holders = [`Secret ${secret.namespace}/${secret.name}`];
    const [shown, trusted] = [certificate(secret), roots(secret)];
    return [
      ...(shown?.kind === "certificate"
        ? chainSummaries(decoder.decode(shown.chain), { kind: "gateway", renewed: false, holders })
        : []),
      ...(trusted?.kind === "roots"
        ? certificatesIn(decoder.decode(trusted.roots)).map((x509) =>
            certificateSummary(x509, { kind: "root", state: "trusted", renewed: false, holders }),
          )
        : []),
    ];
  });
}
