import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ServiceItem } from "../../../src/api/contract/inventory.ts";
import { HealthMark } from "../health/health-mark.tsx";

/** Services, each a way to its detail. */
export function ServiceLinks({ services }: { readonly services: readonly ServiceItem[] }): ReactElement {
  if (services.length === 0) return <p className="quiet">None: nobody can call it by a name.</p>;
  return (
    <ul className="objects">
      {services.map((s) => (
        <li key={s.host}>
          <HealthMark health={s.health} />{" "}
          <Link
            to="/services/$namespace/$name"
            params={s}
            search={(before) => ({ ns: before.ns, window: before.window })}
            className="mono"
          >
            {s.name}
          </Link>{" "}
          <span className="quiet">{s.ports.map((p) => `${p.number} ${p.protocol}`).join(", ")}</span>
        </li>
      ))}
    </ul>
  );
}
