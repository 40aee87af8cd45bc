import { type Column, renderTable } from "./table.ts";

export const formats = ["table", "wide", "json", "yaml", "name"] as const;
export type Format = (typeof formats)[number];

/** The CLI's own JSON and YAML: one shape for every list. */
export interface Envelope<T> {
  readonly apiVersion: "cli.weft.dev/v1";
  readonly kind: string;
  readonly items: readonly T[];
  readonly warnings: readonly string[];
}

/** A list and how it looks in each format. */
export interface Listing<T> {
  /** `ProxyList`. */
  readonly kind: string;
  readonly items: readonly T[];
  readonly warnings?: readonly string[];
  readonly columns: readonly Column<T>[];
  /** More columns with `-o wide`. */
  readonly wide?: readonly Column<T>[];
  /** `pod/reviews-v1-0`. */
  readonly name: (item: T) => string;
}

/** The text of a list in a format. An empty table is an empty text: say so on standard error. */
export async function renderListing<T>(listing: Listing<T>, format: Format): Promise<string> {
  if (format === "name") return listing.items.map((item) => `${listing.name(item)}\n`).join("");
  if (format === "json" || format === "yaml") {
    return renderData(
      {
        apiVersion: "cli.weft.dev/v1",
        kind: listing.kind,
        items: listing.items,
        warnings: listing.warnings ?? [],
      } satisfies Envelope<T>,
      format,
    );
  }
  if (listing.items.length === 0) return "";
  const columns = format === "wide" ? [...listing.columns, ...(listing.wide ?? [])] : listing.columns;
  return renderTable(columns, listing.items);
}

/** Data as it is, in JSON or YAML. */
export async function renderData(data: unknown, format: "json" | "yaml"): Promise<string> {
  if (format === "json") return `${JSON.stringify(data, null, 2)}\n`;
  const { stringify } = await import("yaml");
  return stringify(data, { lineWidth: 0, aliasDuplicateObjects: false });
}
