import type { CodeMeaning } from "../../../src/api/contract/codes.ts";

/** What some codes mean. */
export const codeMeanings: Readonly<Record<string, CodeMeaning>> = {
  IST0101: {
    ...{ code: "IST0101", level: "Error", title: "ReferencedResourceNotFound" },
    text: "A resource being referenced does not exist.",
    doc: "https://istio.io/latest/docs/reference/config/analysis/ist0101/",
  },
  KIA1107: {
    ...{ code: "KIA1107", level: "Warning", title: "Subset not found" },
    text: "No DestinationRule of the host has the subset that the route sends to: requests there are answered by 503.",
    fix: "Add the subset, or check its name.",
    doc: "https://kiali.io/docs/features/validations/#kia1107---subset-not-found",
  },
};
