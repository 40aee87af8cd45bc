/** On an object that one revision of the control plane alone is for. */
export const revisionLabel = "istio.io/rev";

/**
 * Which objects a leader writes for. Sources tell those of the own revision (also by a tag), and those that name none, which every revision sees: one
 * leader of all revisions is for these, and one of each revision for its own.
 */
export type LeadersShare = "unlabelled" | "labelled";

/** Whether an object is in a leader's share. */
export function isShared(share: LeadersShare, labels: Readonly<Record<string, string>>): boolean {
  return (labels[revisionLabel] === undefined) === (share === "unlabelled");
}
