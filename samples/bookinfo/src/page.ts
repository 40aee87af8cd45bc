import type { Details } from "./details.ts";
import { type Html, html } from "./html.ts";
import { answersPanel, failure } from "./page-answers.ts";
import type { PageView } from "./page-view.ts";
import type { Review, ReviewsBody } from "./reviews.ts";
import type { Outcome } from "./upstream.ts";
import { versionBadge } from "./version-badge.ts";

/** The product page as an HTML document. */
export function productPage(view: PageView): string {
  const { product } = view;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${view.everySeconds !== undefined && html`<meta http-equiv="refresh" content="${view.everySeconds}">`}
<title>${product.title} · Bookinfo</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/bookinfo.css?v=${view.styleTag}">
</head>
<body>
${STAR_SHAPE}
${bar(view)}
<main>
<article class="book">
<img class="cover" src="/static/cover.svg" alt="" width="240" height="336">
<div class="about">
<h1>${product.title}</h1>
<p class="subtitle">${product.subtitle}</p>
<p class="blurb">${product.description}</p>
${detailsPart(view.details)}
</div>
</article>
${reviewsPart(view.reviews)}
${answersPanel(view)}
</main>
</body>
</html>
`;
  return document.html;
}

/** A five-pointed star, drawn once and used by reference. */
const STAR_SHAPE = html`<svg width="0" height="0" class="shapes" aria-hidden="true"><symbol id="star" viewBox="0 0 24 24"><path d="M12 1.8l3.1 6.6 7.1.9-5.2 5 1.3 7.1L12 17.9l-6.3 3.5L7 14.3l-5.2-5 7.1-.9z"/></symbol></svg>`;

function bar(view: PageView): Html {
  const session =
    view.user === undefined
      ? html`<form class="session" method="post" action="/login">
<label for="username">Sign in as</label>
<input id="username" name="username" placeholder="jason" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="40">
<button>Sign in</button>
</form>`
      : html`<div class="session">Signed in as <b>${view.user}</b><a href="/logout">Sign out</a></div>`;
  return html`<header class="bar">
<a class="brand" href="/productpage"><img src="/static/icon.svg" alt="" width="22" height="22">Bookinfo</a>
${session}
</header>
${view.nameRefused && html`<p class="notice" role="alert">That name cannot be used. Up to 40 letters, digits, spaces and . _ @ - will do; it needs no password.</p>`}`;
}

function detailsPart(details: Outcome<Details>): Html {
  if (details.body === undefined)
    return html`<div class="details">${failure("details", "The details of this book are not available right now.", details)}</div>`;
  const { author, year, type, pages, publisher, language } = details.body;
  const facts: readonly (readonly [string, string | number])[] = [
    ["Author", author],
    ["First published", year],
    ["Publisher", publisher],
    ["Edition", `${capital(type)}, ${pages} pages`],
    ["Language", language],
    ["ISBN", details.body["ISBN-13"]],
  ];
  return html`<dl class="details">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function reviewsPart(reviews: Outcome<ReviewsBody>): Html {
  const { body } = reviews;
  if (body === undefined) {
    return html`<section class="reviews"><h2>Reviews</h2>${failure("reviews", "The reviews of this book are not available right now.", reviews)}</section>`;
  }
  const call = body.ratings;
  const lost = call?.problem !== undefined;
  return html`<section class="reviews">
<h2>Reviews ${versionBadge(body.version)} <span class="from">${body.podname}</span></h2>
${lost && failure("ratings", "The stars are not available right now; the reviews are.", { ...call, tries: 1 })}
<div class="cards">${body.reviews.map((review) => reviewCard(review, lost))}</div>
</section>`;
}

/** `lost`: the failure above already says why there are no stars. */
function reviewCard(review: Review, lost: boolean): Html {
  return html`<figure class="review">
${!lost && review.rating !== undefined && stars(review.rating)}
<blockquote>${review.text}</blockquote>
<figcaption>${review.reviewer}</figcaption>
</figure>`;
}

function stars(rating: NonNullable<Review["rating"]>): Html {
  if ("error" in rating) return html`<p class="unrated">${rating.error}</p>`;
  const color = rating.color === "red" ? "red" : "black";
  const shape = (index: number): Html =>
    html`<svg class="${index < rating.stars ? "on" : "off"}" width="18" height="18" aria-hidden="true"><use href="#star"/></svg>`;
  return html`<p class="stars ${color}" role="img" aria-label="${rating.stars} of 5 ${color} stars">${[0, 1, 2, 3, 4].map(shape)}</p>`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
