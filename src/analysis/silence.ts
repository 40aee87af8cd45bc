import type { Diagnostic } from "../model/diagnostic.ts";
import type { Ref, Resource } from "../model/resource.ts";
import { get, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import { meshConfigRef } from "../plan/mesh.ts";

type Annotations = Readonly<Record<string, string>>;

/** On a Namespace: codes that nobody wants to hear of any object in it; on the root namespace: of any object of the mesh. */
const wideAnnotation = "weft.dev/ignore-findings";

/**
 * Codes that an object does not want to hear of; `*` is all. Istio: `galley.istio.io/analyze-suppress: IST0101,IST0112`. Kiali:
 * `kiali.io/ignore-validations: KIA0101`, where an empty value is all of them.
 */
export function silencedBy(annotations: Annotations): readonly string[] {
  const kiali = annotations["kiali.io/ignore-validations"];
  return [
    ...codesIn(annotations["galley.istio.io/analyze-suppress"] ?? ""),
    ...(kiali?.trim() === "" ? ["*"] : codesIn(kiali ?? "")),
  ];
}

/** Whether one of these codes is the finding's, or one of another tool for the same. */
export function isSilenced(
  silenced: readonly string[],
  { code, also = [] }: Pick<Diagnostic, "code" | "also">,
): boolean {
  return silenced.some((said) => said === "*" || said === code || also.includes(said));
}

/** What is silenced of an object by itself, by its namespace and by the mesh. `own` is the object as it is or will be. */
export function silencedIn(snapshot: Snapshot, about: Ref, own = get(snapshot, about)): readonly string[] {
  return [...silencedBy(own?.annotations ?? {}), ...silencedWidely(snapshot, about)];
}

/** The findings that somebody wants to hear of. What is about no object goes by the mesh's own list. */
export function heard<D extends Diagnostic>(snapshot: Snapshot, findings: readonly D[]): readonly D[] {
  return findings.filter((one) => {
    // "*" is all about objects: what is about the mesh itself is silenced by its own code alone.
    if (one.about === undefined) return !ofMesh(snapshot).includes(one.code);
    return !isSilenced(silencedIn(snapshot, one.about), one);
  });
}

function silencedWidely(snapshot: Snapshot, { type, namespace, name }: Ref): readonly string[] {
  return [...ofNamespace(snapshot, type === types.Namespace ? name : namespace), ...ofMesh(snapshot)];
}

function ofMesh(snapshot: Snapshot): readonly string[] {
  const settings = get(snapshot, meshConfigRef) as Resource<{ readonly rootNamespace?: string }> | undefined;
  return ofNamespace(snapshot, settings?.spec.rootNamespace ?? "istio-system");
}

function ofNamespace(snapshot: Snapshot, name: string): readonly string[] {
  if (name === "") return [];
  const found = get(snapshot, { type: types.Namespace, namespace: "", name });
  return codesIn(found?.annotations[wideAnnotation] ?? "");
}

function codesIn(text: string): readonly string[] {
  return text
    .split(",")
    .map((code) => code.trim())
    .filter((code) => code !== "");
}
