import { types } from "../../model/types.ts";
import type { Scope } from "../../track/scope.ts";
import { type Analyzer, type Finding, forAll, forEach, kialiReport } from "../finding.ts";
import { knownNamespaces, namespaceFix } from "../namespaces.ts";

interface Exported {
  readonly exportTo?: readonly string[];
}

interface Grant {
  readonly from?: readonly { readonly namespace?: string }[];
}

const exported = [types.VirtualService, types.DestinationRule, types.ServiceEntry];

const steps = [
  ...exported.map((type) =>
    forEach<Exported>(`exportedNamespaces/${type}`, type, (scope, about) =>
      (about.spec.exportTo ?? []).flatMap((said, i): readonly Finding[] => {
        if ([".", "*", "~"].includes(said) || isKnown(scope, said)) return [];
        const fix = namespaceFix(scope, said);
        return [kialiReport(about, "KIA0005", `"${said}", so nobody there sees it`, ["spec", "exportTo", i], fix)];
      }),
    ),
  ),
  forEach<Grant>("grantedNamespaces", types.ReferenceGrant, (scope, grant) =>
    (grant.spec.from ?? []).flatMap(({ namespace: said = "" }, i): readonly Finding[] => {
      if (said === "" || isKnown(scope, said)) return [];
      return [kialiReport(grant, "KIA1601", `"${said}"`, ["spec", "from", i, "namespace"], namespaceFix(scope, said))];
    }),
  ),
];

/** Namespaces that are not there, in objects that let others see or refer. */
export const namespaceReferences: Analyzer = {
  name: "visibility.NamespaceAnalyzer",
  description: "Checks that the namespaces of exportTo and of ReferenceGrants are there",
  inputs: [...exported, types.ReferenceGrant, types.Namespace],
  codes: ["KIA0005", "KIA1601"],
  step: forAll("namespaceReferences", (scope) => steps.flatMap((step) => scope.ask(step, ""))),
};

function isKnown(scope: Scope, namespace: string): boolean {
  return scope.ask(knownNamespaces, "").includes(namespace);
}
