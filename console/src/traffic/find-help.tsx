import { Modal } from "@mantine/core";
import type { ReactElement } from "react";
import { operands } from "./find/operands.ts";

interface FindHelpProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

const examples: readonly (readonly [string, string])[] = [
  ["httpin > 0.5", "nodes that get more than one request in two seconds"],
  ["%httperr >= 5", "edges on which one request of twenty fails"],
  ["rt > 500", "edges that take longer than 500 ms"],
  ["label:region = east", "nodes with this label; label:region alone: with any"],
  ["name not contains rev", "nodes with no name that has rev in it"],
  ["(app = reviews or app = ratings) and version = v2", "parentheses work"],
  ["has faultinjection or !mtls", "OR joins nodes and edges; AND does not"],
  ["httpout = NaN", "nodes that send nothing over HTTP"],
];

/** The language of Find and Hide. */
export function FindHelp({ open, onClose }: FindHelpProps): ReactElement {
  return (
    <Modal opened={open} onClose={onClose} size={720} withCloseButton={false} title={undefined}>
      <div className="find-help">
        <h2>Find and Hide</h2>
        <p className="quiet">
          Find marks nodes and edges, Hide takes them away. Tab completes names, Enter takes the expression. It is
          Kiali's language, and parentheses.
        </p>
        <div className="find-columns">
          <Table title="Examples" rows={examples} />
          <Table
            title="Operators"
            rows={[
              ["= != > >= < <=", "numbers; texts with = and !="],
              ["contains startswith endswith", "texts; also *= ^= $=, and with not or ! before them"],
              ["and, or, not, !", "AND binds closer than OR; is and has may be written"],
            ]}
          />
          {(["node", "edge"] as const).map((of) => (
            <Table
              key={of}
              title={of === "node" ? "Nodes" : "Edges"}
              rows={operands.filter((o) => o.of === of).map((o) => [o.names.join(", "), o.note ?? ""])}
            />
          ))}
        </div>
      </div>
    </Modal>
  );
}

function Table({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}): ReactElement {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map(([name, words]) => (
          <div key={name}>
            <dt className="mono">{name}</dt>
            <dd className="quiet">{words}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
