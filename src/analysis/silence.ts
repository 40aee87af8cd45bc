import type { Diagnostic } from "../model/diagnostic.ts";

type Annotations = Readonly<Record<string, string>>;

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

function codesIn(text: string): readonly string[] {
  return text
    .split(",")
    .map((code) => code.trim())
    .filter((code) => code !== "");
}
