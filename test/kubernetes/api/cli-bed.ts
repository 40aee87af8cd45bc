import { type CliRun, type RunOptions, runIt } from "../../../src/cli/cli.fixture.ts";

/** A CRD that takes anything: what the objects say is told by Weft, not by their schema. */
export function openCrd(group: string, kind: string, plural: string, version = "v1"): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  };
}

/** Runs a command on the cluster of a kubeconfig. */
export function onCluster(kubeconfig: string, argv: readonly string[], options: RunOptions = {}): Promise<CliRun> {
  return runIt([...argv, "--kubeconfig", kubeconfig], options);
}
