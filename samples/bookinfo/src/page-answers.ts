import { type Html, html } from "./html.ts";
import type { PageView } from "./page-view.ts";
import type { RatingsCall } from "./reviews.ts";
import type { Outcome } from "./upstream.ts";
import { versionBadge } from "./version-badge.ts";

/** The part of an outcome that a failure shows. */
type Failed = Pick<Outcome<unknown>, "status" | "ms" | "tries"> & Partial<Pick<Outcome<unknown>, "problem" | "said">>;

/** One service in the table of who answered. */
interface Row {
  readonly service: string;
  readonly depth: 0 | 1 | 2;
  readonly status: number;
  readonly ms: number;
  readonly version?: string | undefined;
  readonly pod?: string | undefined;
}

/** Says what did not work, how it ended, how long it took, and where to look. */
export function failure(service: string, headline: string, outcome: Failed): Html {
  const again = outcome.tries > 1 ? ` (${outcome.tries} tries)` : "";
  return html`<div class="failure" role="status">
<p class="headline">${headline}</p>
<p>${service}: ${outcome.problem ?? "failed"}, after <b>${duration(outcome.ms)}</b>${again}. ${hint(service, outcome)}</p>
${outcome.said !== undefined && outcome.said !== "" && html`<pre>${outcome.said}</pre>`}
</div>`;
}

/** What a status most often means in a mesh, and where to look. Envoy's own words are the evidence. */
function hint(service: string, { status, said = "" }: Failed): Html {
  if (said.includes("fault filter abort"))
    return html`A fault is being injected: look for <code>fault:</code> in the VirtualServices.`;
  if (status === 403)
    return html`An AuthorizationPolicy refuses this call; the policies that select <code>app: ${service}</code> say who may.`;
  if (said.includes("no healthy upstream"))
    return html`No instance of it can take the call: <code>weft status</code> shows which are ready.`;
  if (status === 404) return html`No route leads there: look at the VirtualServices for <code>${service}</code>.`;
  if (status === 0)
    return html`It is slow, stopped or not reachable: <code>weft status</code> shows its state, <code>weft logs ${service}</code> its log.`;
  if (status === 503)
    return html`It is stopped, not ready, or the proxies do not agree on how to talk: <code>weft status</code> shows its state.`;
  return html`<code>weft logs ${service}</code> shows its log.`;
}

/** Which version and Pod of each service had a hand in this page, how each call ended, and how long it took. */
export function answersPanel(view: PageView): Html {
  const { details, reviews, settings } = view;
  const rows: Row[] = [
    { service: "productpage", depth: 0, status: 200, ms: view.tookMs, version: settings.version, pod: settings.pod },
    { service: "details", depth: 1, ...rowOf(details) },
    { service: "reviews", depth: 1, ...rowOf(reviews) },
  ];
  const ratings = reviews.body?.ratings;
  if (ratings !== undefined) rows.push({ service: "ratings", depth: 2, ...ratingsRow(ratings) });
  return html`<section class="answers">
<h2>Who answered</h2>
<table>
<thead><tr><th scope="col">Service</th><th scope="col">Version</th><th scope="col" class="pod">Pod</th><th scope="col">Answer</th><th scope="col" class="time">Time</th></tr></thead>
<tbody>${rows.map(answerRow)}</tbody>
</table>
<div class="foot">
<span>${view.trace !== undefined && html`Trace <code>${view.trace}</code>`}</span>
<span class="every">Ask again ${everyChoices(view.everySeconds)}</span>
</div>
</section>`;
}

function rowOf(outcome: Outcome<{ version: string; podname: string }>): Omit<Row, "service" | "depth"> {
  return { status: outcome.status, ms: outcome.ms, version: outcome.body?.version, pod: outcome.body?.podname };
}

function ratingsRow(call: RatingsCall): Omit<Row, "service" | "depth"> {
  return { status: call.status, ms: call.ms, version: call.version, pod: call.podname };
}

function answerRow(row: Row): Html {
  const fine = row.status === 200;
  const version = row.version === undefined ? "–" : versionBadge(row.version);
  return html`<tr class="${fine ? "fine" : "bad"}">
<th scope="row" class="depth${row.depth}">${row.service}</th>
<td>${version}</td>
<td class="pod">${row.pod ?? "–"}</td>
<td><span class="state" aria-hidden="true"></span>${row.status === 0 ? "none" : row.status}</td>
<td class="time">${duration(row.ms)}</td>
</tr>`;
}

function everyChoices(now: number | undefined): readonly Html[] {
  const choices = [
    { label: "never", seconds: undefined, href: "/productpage" },
    { label: "every 2 s", seconds: 2, href: "/productpage?every=2" },
    { label: "every 10 s", seconds: 10, href: "/productpage?every=10" },
  ];
  return choices.map(({ label, seconds, href }) =>
    seconds === now ? html`<b aria-current="true">${label}</b>` : html`<a href="${href}">${label}</a>`,
  );
}

/** 12 ms, 640 ms, 6.01 s. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
