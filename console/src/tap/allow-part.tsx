import { useMutation } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import type { ApplyAnswer } from "../../../src/api/contract/apply.ts";
import type { TapRequest } from "../../../src/api/contract/tap.ts";
import { post } from "../api/client.ts";
import { Part } from "../drawer/drawer.tsx";
import { Segments } from "../frame/segments.tsx";
import { Failure } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { allowPolicy } from "./allow.ts";

/** The policy that would have let a refused request in: read it, try it as a dry run, then enforce it. */
export function AllowPart({ request }: { readonly request: TapRequest }): ReactElement | null {
  const [how, setHow] = useState<"dry" | "enforced">("dry");
  const yaml = allowPolicy(request, how === "dry");
  const apply = useMutation({
    mutationFn: (text: string) => post<ApplyAnswer>("apply", text, { also: [422] }),
  });
  if (yaml === undefined) return null;
  return (
    <Part title="Let it in" aside={<CopyCli command={`npx weft apply -f - <<'EOF'\n${yaml}EOF`} />}>
      <p>
        No policy that allows matches. This one lets in this caller with this request alone; a dry run first refuses and
        lets in nobody, and shows in the logs what it would do.
      </p>
      <Segments
        label="How it holds"
        segments={[
          { value: "dry", label: "Dry run" },
          { value: "enforced", label: "Enforced" },
        ]}
        value={how}
        onChange={setHow}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <section className="tap-yaml" tabIndex={0} aria-label="The policy">
        <pre>{yaml}</pre>
      </section>
      <button type="button" className="plain-button" disabled={apply.isPending} onClick={() => apply.mutate(yaml)}>
        {how === "dry" ? "Apply as a dry run" : "Apply and enforce"}
      </button>
      {apply.error && <Failure error={apply.error} />}
      {apply.data && <Outcome answer={apply.data} />}
    </Part>
  );
}

function Outcome({ answer }: { readonly answer: ApplyAnswer }): ReactElement {
  return (
    <ul role="status">
      {answer.objects.map(({ name, namespace, outcome, diagnostics }) => (
        <li key={`${namespace}/${name}`} className={outcome === "refused" ? "bad" : undefined}>
          <span className="mono">{name}</span> {outcome}
          {diagnostics.map(({ message }) => ` – ${message}`)}
        </li>
      ))}
    </ul>
  );
}
