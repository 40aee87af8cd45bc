import type { ReactElement } from "react";

interface Segment<T> {
  readonly value: T;
  readonly label: string;
  /** In full, for those who hear it. */
  readonly words?: string;
}

interface SegmentsProps<T> {
  readonly label: string;
  readonly segments: readonly Segment<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few: radio buttons that look like a row of segments. */
export function Segments<T extends string | number>({
  label,
  segments,
  value,
  onChange,
}: SegmentsProps<T>): ReactElement {
  return (
    <fieldset className="segments">
      <legend className="heard-only">{label}</legend>
      {segments.map((segment) => (
        <label key={segment.value}>
          <input
            type="radio"
            name={label}
            className="heard-only"
            checked={segment.value === value}
            onChange={() => onChange(segment.value)}
            aria-label={segment.words ?? segment.label}
          />
          <span>{segment.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
