import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Finding } from "../../../src/api/contract/config.ts";
import { configQuery, diagnosticsQuery } from "../api/queries.ts";
import { objectOf } from "../config/filters.ts";
import { FindingNote } from "../config/finding-note.tsx";
import { LevelMark } from "../config/level-mark.tsx";
import { Drawer, Part } from "../drawer/drawer.tsx";
import { count } from "../format/quantity.ts";
import { Away } from "../links/away.tsx";
import { Failure, Skeleton } from "../notes/notes.tsx";
import { CopyCli } from "../table/copy-cli.tsx";
import { codeQuery } from "./queries.ts";
import { codesOf } from "./search.ts";
import "./findings.css";

const route = getRouteApi("/findings/$code");
const page = getRouteApi("/findings");

/** One finding, what its codes mean, how to mend it or not to hear of it, and where else it was found. */
export function FindingDrawer(): ReactElement {
  const { code } = route.useParams();
  const { at } = page.useSearch();
  const { data = [] } = useQuery(diagnosticsQuery);
  const all = data.filter((f) => codesOf(f).includes(code));
  const here = all.filter((f) => f.at === at);
  const others = all.filter((f) => f.at !== at);
  const [first] = here.length > 0 ? here : all;
  const title = (
    <>
      {first && <LevelMark level={first.level} />}
      <span className="mono">{code}</span>
    </>
  );
  return (
    <Drawer title={title} label={`Finding ${code}`} under={first?.origin} back="/findings" wide>
      <Part title={at ? "Here" : count(all.length, "finding")}>
        {here.length === 0 && at && <p className="quiet">Nothing is wrong there any more.</p>}
        <Notes findings={at ? here : all} />
      </Part>
      {(first ? codesOf(first) : [code]).map((one) => (
        <Meaning key={one} code={one} />
      ))}
      {first && (
        <Part title="Not to hear of it">
          <p className="quiet">
            An annotation of the object silences it; the finding goes with it, what it is about does not.
          </p>
          <pre className="snippet mono">{`metadata:\n  annotations:\n    ${silence(first.code)}`}</pre>
        </Part>
      )}
      {at && others.length > 0 && (
        <Part title={`Elsewhere: ${others.length}`}>
          <Notes findings={others} />
        </Part>
      )}
    </Drawer>
  );
}

/** The annotation of the project that the code is of. */
function silence(code: string): string {
  return code.startsWith("KIA") ? `kiali.io/ignore-validations: ${code}` : `galley.istio.io/analyze-suppress: ${code}`;
}

function Notes({ findings }: { readonly findings: readonly Finding[] }): ReactElement {
  const { data: objects = [] } = useQuery(configQuery);
  return (
    <ul className="finding-list">
      {findings.slice(0, 100).map((finding) => {
        const object = objectOf(finding, objects);
        return (
          <FindingNote key={`${finding.at}${finding.message}`} finding={finding}>
            {object && (
              <p>
                <Link
                  className="link"
                  to="/config/$type/$namespace/$name"
                  params={{ type: object.type, namespace: object.namespace || "-", name: object.name }}
                >
                  Open {finding.origin}
                </Link>
              </p>
            )}
          </FindingNote>
        );
      })}
    </ul>
  );
}

function Meaning({ code }: { readonly code: string }): ReactElement {
  const { data, error } = useQuery(codeQuery(code));
  if (!data) return error ? <Failure error={error} /> : <Skeleton />;
  return (
    <Part title={`${code}: ${data.title}`} aside={<CopyCli command={`npx weft explain ${code}`} />}>
      <p>{data.text}</p>
      {data.fix && <p className="fix">To mend it: {data.fix}</p>}
      {data.doc && (
        <p>
          <Away to={data.doc}>What {code.startsWith("KIA") ? "Kiali" : "Istio"} says of it</Away>
        </p>
      )}
    </Part>
  );
}
