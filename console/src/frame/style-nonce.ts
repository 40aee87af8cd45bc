/** By which the server lets style elements in that are made at run time; its answer with this page says it once. Empty where the server asks for none. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

/** Of libraries that ask for it by webpack's name: `get-nonce`, by which dialogs keep the page from scrolling. */
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = styleNonce;
