import type { MeshActions } from "./actions.ts";
import type { CertificatesAnswer, ReissueAnswer, RootAnswer } from "./contract/certificates.ts";
import { Refusal, sendJson } from "./http/answer.ts";
import { flagOf, type Route } from "./http/route.ts";

/** Certificates: what there is, and new ones. */
export function certificateRoutes({ certificates, reissue, rotateRoot, recoverRoot }: MeshActions): Route[] {
  return [
    {
      method: "GET",
      path: "/api/v1/certificates",
      handle: async ({ query, response }) => {
        if (certificates === undefined) throw absent();
        sendJson(response, (await certificates(flagOf(query, "live"))) satisfies CertificatesAnswer);
      },
    },
    {
      method: "POST",
      path: "/api/v1/certificates/reissue",
      handle: async ({ response }) => {
        if (reissue === undefined) throw absent();
        const answer: ReissueAnswer = await reissue().catch(cannot);
        sendJson(response, answer);
      },
    },
    {
      method: "POST",
      path: "/api/v1/certificates/rotate",
      handle: async ({ query, response }) => {
        if (rotateRoot === undefined) throw absent();
        const answer: RootAnswer = await rotateRoot(flagOf(query, "now")).catch(cannot);
        sendJson(response, answer);
      },
    },
    {
      method: "POST",
      path: "/api/v1/certificates/recover",
      handle: async ({ response }) => {
        if (recoverRoot === undefined) throw absent();
        const answer: RootAnswer = await recoverRoot().catch(cannot);
        sendJson(response, answer);
      },
    },
  ];
}

function absent(): Refusal {
  return new Refusal(501, "this control plane has no certificate authority", "it runs with --plaintext");
}

/** What the authority said, which is written for people. */
function cannot(error: unknown): never {
  throw new Refusal(409, (error as Error).message, "weft certs says how the authority is");
}
