import { type Html, html } from "./html.ts";

/** A version as a small plate; the few that the sample knows have a colour of their own. */
export function versionBadge(version: string): Html {
  return html`<span class="version ${/^v[123]$/.test(version) ? version : "other"}">${version}</span>`;
}
