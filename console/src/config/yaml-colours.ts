import { HighlightStyle } from "@codemirror/language";
import { tags } from "@lezer/highlight";

/** Keys are text, values lean on the accent, comments recede: three tones are enough to read YAML. */
export const yamlColours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--text)", fontWeight: "500" },
  { tag: [tags.string, tags.content, tags.number, tags.bool, tags.literal], color: "var(--yaml-value)" },
  { tag: [tags.comment, tags.punctuation, tags.separator, tags.meta], color: "var(--quiet)" },
]);
