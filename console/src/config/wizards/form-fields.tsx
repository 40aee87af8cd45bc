import { type ReactElement, useId } from "react";
import { Icon } from "../../icons/icon.tsx";
import type { Field, Form, Row, Value } from "./form.ts";
import "./wizards.css";

interface FormFieldsProps {
  readonly fields: readonly Field[];
  readonly form: Form;
  readonly onForm: (form: Form) => void;
}

/** A form as its fields say it. */
export function FormFields({ fields, form, onForm }: FormFieldsProps): ReactElement {
  return (
    <>
      {fields.map((field) => (
        <OneField
          key={field.id}
          field={field}
          value={form[field.id]}
          onValue={(value) => onForm({ ...form, [field.id]: value })}
        />
      ))}
    </>
  );
}

interface OneFieldProps {
  readonly field: Field;
  readonly value: Value | undefined;
  readonly onValue: (value: Value) => void;
}

function OneField({ field, value, onValue }: OneFieldProps): ReactElement {
  const id = useId();
  if (field.kind === "rows")
    return <Rows field={field} rows={Array.isArray(value) ? (value as readonly Row[]) : []} onRows={onValue} />;
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
        <Input id={id} field={field} value={typeof value === "string" ? value : ""} onValue={onValue} />
        {field.unit && <span className="quiet">{field.unit}</span>}
      </span>
      {field.hint && (
        <p className="quiet" id={`${id}-hint`}>
          {field.hint}
        </p>
      )}
    </div>
  );
}

interface InputProps {
  readonly id?: string;
  readonly label?: string;
  readonly field: Field;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

function Input({ id, label, field, value, onValue }: InputProps): ReactElement {
  const offered = useId();
  const named = label === undefined ? { id } : { "aria-label": label };
  const hint = id && field.hint ? { "aria-describedby": `${id}-hint` } : {};
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
  readonly onRows: (rows: readonly Row[]) => void;
}

/** A list: a card a row, each with its columns; rows are added and taken away where that makes sense. */
function Rows({ field, rows, onRows }: RowsProps): ReactElement {
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
              <div className="cell" key={column.id}>
                {(!short || at === 0) && (
                  <span className="small-label" aria-hidden="true">
                    {column.label}
                    {column.unit && ` (${column.unit})`}
                  </span>
                )}
                <Input
                  field={column}
                  label={`${field.label} ${at + 1}: ${column.label}`}
                  value={row[column.id] ?? ""}
                  onValue={(value) => set(at, { ...row, [column.id]: value })}
                />
              </div>
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
