import { styleNonce } from "../frame/style-nonce.ts";

// Cytoscape puts this into the page's head where nobody has; the page lets in what carries its nonce alone.
const style = document.createElement("style");
style.id = "__________cytoscape_stylesheet";
style.nonce = styleNonce;
style.textContent = ".__________cytoscape_container { position: relative; }";
document.head.prepend(style);
