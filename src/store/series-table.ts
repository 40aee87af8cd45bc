import type { DatabaseSync } from "node:sqlite";
import { boundsText, type Series, type SeriesTable, sortedLabels } from "./series-index.ts";
import { packIds, Texts, unpackIds } from "./texts.ts";

/** Series in the file: each the ids of its texts, its name, its bounds, its labels by their names. */
export function seriesTable(db: DatabaseSync): SeriesTable {
  const texts = new Texts(db);
  const insert = db.prepare("INSERT INTO series (parts) VALUES (?)");
  const partsOf = ({ name, labels, bounds }: Omit<Series, "id">) =>
    [name, boundsText(bounds), ...sortedLabels(labels).flat()].map((text) => texts.idOf(text));
  return {
    *all() {
      for (const row of db.prepare("SELECT id, parts FROM series").iterate()) {
        const parts = row["parts"] instanceof Uint8Array ? unpackIds(row["parts"]) : [];
        const [name = "", bounds = "", ...pairs] = parts.map((id) => texts.at(id) ?? "");
        const labels = Object.fromEntries(pairs.flatMap((key, i) => (i % 2 === 0 ? [[key, pairs[i + 1] ?? ""]] : [])));
        yield { id: Number(row["id"]), name, labels, bounds: bounds === "" ? [] : (JSON.parse(bounds) as number[]) };
      }
    },
    make: (series) => Number(insert.run(packIds(partsOf(series))).lastInsertRowid),
    forget(ids, rest) {
      const remove = db.prepare("DELETE FROM series WHERE id = ?");
      for (const id of ids) remove.run(id);
      texts.keep(db, new Set([...rest].flatMap(partsOf)));
    },
  };
}
