import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Segments } from "./segments.tsx";
import { useView, windows } from "./view.ts";

const segments = windows.map((w) => ({ value: w.seconds, label: w.label, words: w.words }));

/** How far back rates and charts look. */
export function TimeRange(): ReactElement {
  const { window } = useView();
  const navigate = useNavigate();
  const choose = (seconds: number) =>
    void navigate({ to: ".", search: (before) => ({ ...before, window: seconds === 60 ? undefined : seconds }) });
  return <Segments<number> label="Time range" segments={segments} value={window} onChange={choose} />;
}
