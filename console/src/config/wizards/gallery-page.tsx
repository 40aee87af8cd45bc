import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { wizardGroups, wizards } from "./list.ts";
import "./wizards.css";

/** Everything that can be made here: a form each, or YAML from the start. */
export function GalleryPage(): ReactElement {
  return (
    <section className="gallery" aria-label="New configuration">
      <h1>New configuration</h1>
      <p className="quiet">
        Each form shows the YAML that it writes, and what that would do, before anything is written.
      </p>
      {wizardGroups.map((group) => (
        <div key={group}>
          <h2>{group}</h2>
          <ul>
            {wizards
              .filter((wizard) => wizard.group === group)
              .map((wizard) => (
                <li key={wizard.id}>
                  <Link to="/config/new/$wizard" params={{ wizard: wizard.id }} search={true}>
                    <b>{wizard.title}</b>
                    <span>{wizard.words}</span>
                  </Link>
                </li>
              ))}
          </ul>
        </div>
      ))}
      <h2>Anything else</h2>
      <ul>
        <li>
          <Link to="/config/new/yaml" search={true}>
            <b>YAML</b>
            <span>Write any object, or paste several; the editor knows the fields of each kind.</span>
          </Link>
        </li>
      </ul>
    </section>
  );
}
