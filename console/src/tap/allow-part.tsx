import { type ReactElement, useState } from "react";
import type { TapRequest } from "../../../src/api/contract/tap.ts";
import { OutcomeNote } from "../config/edit/outcome-note.tsx";
import { useWriting } from "../config/edit/use-writing.ts";
import { Part } from "../drawer/drawer.tsx";
import { Segments } from "../frame/segments.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { allowPolicy } from "./allow.ts";
import "../config/edit/desk.css";

/** The policy that would have let a refused request in: read it, try it as a dry run, then enforce it. */
export function AllowPart({ request }: { readonly request: TapRequest }): ReactElement | null {
  const [how, setHow] = useState<"dry" | "enforced">("dry");
  const yaml = allowPolicy(request, how === "dry");
  const writing = useWriting("apply");
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
      <button
        type="button"
        className="plain-button"
        disabled={writing.busy}
        onClick={() => void writing.write({ text: yaml })}
      >
        {how === "dry" ? "Apply as a dry run" : "Apply and enforce"}
      </button>
      <OutcomeNote writing={writing} onTakenBack={() => {}} />
    </Part>
  );
}
