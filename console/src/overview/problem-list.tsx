import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Problem } from "../../../src/api/contract/problems.ts";
import { ago, clockTime, unbroken } from "../format/quantity.ts";
import { HealthMark } from "../health/health-mark.tsx";

/** What is wrong, each a sentence that leads to where it can be seen. */
export function ProblemList({
  problems,
  now,
}: {
  readonly problems: readonly Problem[];
  readonly now: number;
}): ReactElement {
  return (
    <ul className="problem-list">
      {problems.map((problem) => {
        const [path = "", query] = problem.link.split("?");
        return (
          <li key={problem.sentence}>
            <HealthMark health={problem.health} />
            <span>
              <Link
                to={path as "/traffic"}
                search={({ ns, window }) => ({ ns, window, ...Object.fromEntries(new URLSearchParams(query)) })}
              >
                {unbroken(problem.sentence)}
              </Link>
              {problem.since !== undefined && (
                <span className="quiet since">
                  since {clockTime(problem.since)}, {ago(problem.since, now)}
                </span>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
