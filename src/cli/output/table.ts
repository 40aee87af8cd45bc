/** One column: its title and what it shows of a row. `paint` colours a cell after its width was measured. */
export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string;
  readonly paint?: (text: string, row: T) => string;
  readonly align?: "left" | "right";
}

/** A table as kubectl prints it: titles in capitals, three spaces between columns, no lines. Ends with a line end. */
export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.of(row))));
  const widths = columns.map((column, i) => Math.max(width(column.title), ...cells.map((row) => width(row[i] ?? ""))));
  const line = (texts: readonly string[], row?: T) =>
    texts
      .map((text, i) => {
        const column = columns[i] as Column<T>;
        const space = " ".repeat((widths[i] ?? 0) - width(text));
        const painted = row !== undefined && column.paint ? column.paint(text, row) : text;
        return column.align === "right" ? space + painted : painted + space;
      })
      .join("   ")
      .trimEnd();
  const title = line(columns.map((c) => c.title));
  return `${[title, ...cells.map((texts, i) => line(texts, rows[i]))].join("\n")}\n`;
}

/** Terminal cells of a text: wide characters (CJK, emoji) take two. */
export function width(text: string): number {
  let cells = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const wide = /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u;
    cells += wide.test(segment) ? 2 : 1;
  }
  return cells;
}

/** Control characters of a control plane's or a file's words must not steer the terminal. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}
