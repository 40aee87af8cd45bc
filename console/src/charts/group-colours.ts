/** Apart from the colours of states, and from each other for those who see red and green alike; readable on light and on dark. */
const colours = ["#4C7DB8", "#8B6BB1", "#B8894C", "#4C9C9C", "#A0522D", "#6B7280"] as const;

/** A colour for the n-th group of a chart; after the last they come again, dashed. */
export function groupColour(n: number): string {
  return colours[n % colours.length] ?? colours[0];
}

/** Dashes of the n-th group: none for the first round of colours. */
export function groupDash(n: number): readonly number[] {
  return n < colours.length ? [] : [4, 3];
}
