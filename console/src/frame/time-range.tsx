import { useNavigate } from "@tanstack/react-router";
import type { KeyboardEvent, ReactElement } from "react";
import { useView, windows } from "./view.ts";

/** How far back rates and charts look. A radio group: arrows move the choice. */
export function TimeRange(): ReactElement {
  const { window } = useView();
  const navigate = useNavigate();
  const choose = (seconds: number) =>
    void navigate({ to: ".", search: (before) => ({ ...before, window: seconds === 60 ? undefined : seconds }) });
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = windows[windows.findIndex((w) => w.seconds === window) + step];
    if (step === 0 || !next) return;
    event.preventDefault();
    choose(next.seconds);
    event.currentTarget.querySelectorAll("button")[windows.indexOf(next)]?.focus();
  };
  return (
    <div className="segments" role="radiogroup" aria-label="Time range" onKeyDown={move}>
      {windows.map((w) => (
        <button
          key={w.seconds}
          type="button"
          // biome-ignore lint/a11y/useSemanticElements: a row of buttons that behaves as a radio group, as ARIA has it
          role="radio"
          aria-checked={w.seconds === window}
          tabIndex={w.seconds === window ? 0 : -1}
          aria-label={w.words}
          onClick={() => choose(w.seconds)}
        >
          {w.label}
        </button>
      ))}
    </div>
  );
}
