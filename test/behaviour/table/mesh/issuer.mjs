import http from "node:http";

// An issuer of tokens: says where its keys are, and gives them. Keys are in KEYS, its own name in ISSUER.
const { KEYS: keys, ISSUER: issuer } = process.env;
http
  .createServer((request, response) => {
    const said =
      request.url === "/.well-known/openid-configuration"
        ? JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` })
        : keys;
    response.writeHead(200, { "content-type": "application/json" }).end(said);
  })
  .listen(8080, "0.0.0.0");
