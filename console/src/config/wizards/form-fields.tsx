import { type ReactElement, useId } from "react";
import { Icon } from "../../icons/icon.tsx";
import type { Field, Form, Row, Value } from "./form.ts";
import "./wizards.css";

interface FormFieldsProps {
  readonly fields: readonly Field[];
  readonly form: Form;
  /** What is wrong, by field (`LIST/ROW/COLUMN` in lists). */
  readonly faults: ReadonlyMap<string, string>;
  readonly onForm: (form: Form) => void;
}

/** A form as its fields say it. */
export function FormFields({ fields, form, faults, onForm }: FormFieldsProps): ReactElement {
  return (
    <>
      {fields.map((field) => (
        <OneField
          key={field.id}
          field={field}
          value={form[field.id]}
          faults={faults}
          onValue={(value) => onForm({ ...form, [field.id]: value })}
        />
      ))}
    </>
  );
}

interface OneFieldProps {
  readonly field: Field;
  readonly value: Value | undefined;
  readonly faults: ReadonlyMap<string, string>;
  readonly onValue: (value: Value) => void;
}

function OneField({ field, value, faults, onValue }: OneFieldProps): ReactElement {
  const id = useId();
  const fault = faults.get(field.id);
  if (field.kind === "rows")
    return (
      <Rows
        field={field}
        rows={Array.isArray(value) ? (value as readonly Row[]) : []}
        faults={faults}
        onRows={onValue}
      />
    );
  if (field.kind === "toggle")
    return (
      <label className="toggle">
        <input type="checkbox" checked={value === true} onChange={(event) => onValue(event.target.checked)} />
        <span>
          {field.label}
          {field.hint && <span className="quiet"> {field.hint}</span>}
        </span>
      </label>
    );
  return (
    <div className="field">
      <label htmlFor={id}>{field.label}</label>
      <span className="with-unit">
        <Input id={id} field={field} value={typeof value === "string" ? value : ""} fault={fault} onValue={onValue} />
        {field.unit && <span className="quiet">{field.unit}</span>}
      </span>
      {fault && <FaultNote id={`${id}-fault`}>{fault}</FaultNote>}
      {field.hint && (
        <p className="quiet" id={`${id}-hint`}>
          {field.hint}
        </p>
      )}
    </div>
  );
}

/** What is wrong, beside where it was written. */
function FaultNote({ id, children }: { readonly id: string; readonly children: string }): ReactElement {
  return (
    <p className="fault" id={id}>
      {children}
    </p>
  );
}

interface InputProps {
  readonly id: string;
  readonly label?: string;
  readonly field: Field;
  readonly value: string;
  readonly fault: string | undefined;
  readonly onValue: (value: string) => void;
}

function Input({ id, label, field, value, fault, onValue }: InputProps): ReactElement {
  const offered = useId();
  const named = label === undefined ? { id } : { id, "aria-label": label };
  const notes = [
    ...(fault === undefined ? [] : [`${id}-fault`]),
    ...(label === undefined && field.hint ? [`${id}-hint`] : []),
  ];
  const hint = {
    ...(notes.length > 0 ? { "aria-describedby": notes.join(" ") } : {}),
    ...(fault === undefined ? {} : { "aria-invalid": true }),
  };
  if (field.kind === "said") return <span className="mono said-value">{value}</span>;
  if (field.kind === "choice")
    return (
      <select {...named} {...hint} value={value} onChange={(event) => onValue(event.target.value)}>
        {field.choices?.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    );
  if (field.kind === "lines")
    return <textarea {...named} {...hint} rows={3} value={value} onChange={(event) => onValue(event.target.value)} />;
  return (
    <>
      <input
        {...named}
        {...hint}
        value={value}
        inputMode={field.kind === "number" ? "numeric" : "text"}
        autoComplete="off"
        spellCheck={false}
        {...(field.suggestions?.length ? { list: offered } : {})}
        onChange={(event) => onValue(event.target.value)}
      />
      {field.suggestions && field.suggestions.length > 0 && (
        <datalist id={offered}>
          {field.suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </>
  );
}

interface RowsProps {
  readonly field: Field;
  readonly rows: readonly Row[];
  readonly faults: ReadonlyMap<string, string>;
  readonly onRows: (rows: readonly Row[]) => void;
}

/** A list: a card a row, each with its columns; rows are added and taken away where that makes sense. */
function Rows({ field, rows, faults, onRows }: RowsProps): ReactElement {
  const columns = field.columns ?? [];
  // Few columns stand below one title, as in a table.
  const short = columns.length <= 3;
  const set = (at: number, row: Row) => onRows(rows.map((before, i) => (i === at ? row : before)));
  const grid = {
    gridTemplateColumns: `repeat(${Math.min(columns.length, columns.length > 4 ? 3 : columns.length)}, minmax(0, 1fr))`,
  };
  return (
    <fieldset className="rows">
      <legend>{field.label}</legend>
      {field.hint && <p className="quiet">{field.hint}</p>}
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own, and are added at the end
        <div className={short ? "row short" : "row"} key={at}>
          <div className="row-fields" style={grid}>
            {columns.map((column) => (
              <Cell
                key={column.id}
                column={column}
                titled={!short || at === 0}
                label={`${field.label} ${at + 1}: ${column.label}`}
                value={row[column.id] ?? ""}
                fault={faults.get(`${field.id}/${at}/${column.id}`)}
                onValue={(value) => set(at, { ...row, [column.id]: value })}
              />
            ))}
          </div>
          {field.add && (
            <button
              type="button"
              className="icon-button"
              aria-label={`Remove ${field.label} ${at + 1}`}
              onClick={() => onRows(rows.filter((_, i) => i !== at))}
            >
              <Icon name="close" size={14} />
            </button>
          )}
        </div>
      ))}
      {field.add && (
        <button type="button" className="plain-button" onClick={() => onRows([...rows, field.fresh ?? {}])}>
          <Icon name="plus" size={14} />
          {field.add}
        </button>
      )}
    </fieldset>
  );
}

interface CellProps extends Pick<InputProps, "value" | "fault" | "onValue"> {
  readonly column: Field;
  readonly label: string;
  /** Whether its title stands above it. */
  readonly titled: boolean;
}

function Cell({ column, label, titled, value, fault, onValue }: CellProps): ReactElement {
  const id = useId();
  return (
    <div className="cell">
      {titled && (
        <span className="small-label" aria-hidden="true">
          {column.label}
          {column.unit && ` (${column.unit})`}
        </span>
      )}
      <Input id={id} field={column} label={label} value={value} fault={fault} onValue={onValue} />
      {fault && <FaultNote id={`${id}-fault`}>{fault}</FaultNote>}
    </div>
  );
}
