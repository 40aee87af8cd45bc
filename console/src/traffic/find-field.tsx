import { Menu } from "@mantine/core";
import { type KeyboardEvent, type ReactElement, useEffect, useId, useRef, useState } from "react";
import { Icon } from "../icons/icon.tsx";
import { nextCompletion } from "./find/complete.ts";
import type { Preset } from "./find/presets.ts";

interface FindFieldProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly error: string | undefined;
  /** How much it found. */
  readonly note: string | undefined;
  readonly presets: readonly Preset[];
  readonly onChange: (expression: string | undefined) => void;
}

/** After this long without a key an expression is taken, in milliseconds. */
const pause = 600;

/** An expression over the graph. Tab completes names, Enter takes it, Escape empties it. */
export function FindField({ label, value = "", error, note, presets, onChange }: FindFieldProps): ReactElement {
  const [text, setText] = useState(value);
  const typed = useRef<string>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const id = useId();
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const take = (next: string) => {
    clearTimeout(timer.current);
    if (next.trim() !== value) onChange(next.trim() || undefined);
  };
  const write = (next: string, later: boolean) => {
    setText(next);
    clearTimeout(timer.current);
    if (later) timer.current = setTimeout(() => take(next), pause);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Tab" && !event.shiftKey) {
      typed.current ??= text;
      const next = nextCompletion(typed.current, text);
      if (next === undefined) return;
      event.preventDefault();
      return write(next, false);
    }
    typed.current = undefined;
    if (event.key === "Enter") take(text);
    if (event.key !== "Escape" || text === "") return;
    event.preventDefault();
    write("", false);
    take("");
  };
  return (
    <div className="find-field">
      <input
        type="text"
        aria-label={label}
        placeholder={label}
        value={text}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={error !== undefined}
        aria-describedby={error || note ? id : undefined}
        onChange={(event) => write(event.currentTarget.value, true)}
        onKeyDown={onKeyDown}
        onBlur={() => take(text)}
      />
      {(error ?? note) && (
        <span id={id} className={error ? "find-error" : "find-note"} role="status">
          {error ?? note}
        </span>
      )}
      <Menu position="bottom-end" transitionProps={{ duration: 0 }} offset={4}>
        <Menu.Target>
          <button type="button" className="icon-button" aria-label={`${label}: presets`}>
            <Icon name="down" size={14} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {presets.map(({ words, expression }) => (
            <Menu.Item
              key={expression}
              onClick={() => onChange(expression)}
              rightSection={<span className="mono quiet">{expression}</span>}
            >
              {words}
            </Menu.Item>
          ))}
          {value !== "" && <Menu.Item onClick={() => onChange(undefined)}>Nothing</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
