import { useDebouncedCallback } from "@mantine/hooks";
import { type ReactElement, useEffect, useState } from "react";
import { type TapSearch, tapFields } from "./tap-search.ts";

const fields: Readonly<Record<(typeof tapFields)[number], { readonly label: string; readonly hint: string }>> = {
  workload: { label: "Workload or app", hint: "reviews" },
  from: { label: "From", hint: "shop/web" },
  method: { label: "Method", hint: "GET,POST" },
  path: { label: "Path", hint: "/items/*" },
  status: { label: "Status", hint: "5xx,404" },
  header: { label: "Header", hint: "end-user=jas*" },
  verdict: { label: "Verdict", hint: "denied" },
};

interface TapFiltersProps {
  readonly wanted: TapSearch;
  readonly onWanted: (wanted: TapSearch) => void;
}

/** What the proxies are asked for: each field is an option of `weft tap`. */
export function TapFilters({ wanted, onWanted }: TapFiltersProps): ReactElement {
  return (
    <search className="tap-filters" aria-label="Which requests">
      {tapFields.map((name) => (
        <Field key={name} name={name} value={wanted[name] ?? ""} onValue={(value) => onWanted({ [name]: value })} />
      ))}
    </search>
  );
}

interface FieldProps {
  readonly name: (typeof tapFields)[number];
  readonly value: string;
  readonly onValue: (value: string | undefined) => void;
}

/** Typed text is asked for once the typing rests. */
function Field({ name, value, onValue }: FieldProps): ReactElement {
  const [typed, setTyped] = useState(value);
  const say = useDebouncedCallback((text: string) => onValue(text.trim() || undefined), 500);
  useEffect(() => setTyped(value), [value]);
  const { label, hint } = fields[name];
  return (
    <label>
      <span>{label}</span>
      <input
        type="text"
        className="mono"
        value={typed}
        placeholder={hint}
        spellCheck={false}
        autoComplete="off"
        list={name === "verdict" ? "tap-verdicts" : undefined}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          say(currentTarget.value);
        }}
      />
      {name === "verdict" && (
        <datalist id="tap-verdicts">
          {["allowed", "denied", "would-deny", "unauthenticated", "unmatched"].map((verdict) => (
            <option key={verdict} value={verdict} />
          ))}
        </datalist>
      )}
    </label>
  );
}
