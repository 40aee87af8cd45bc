import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const begin = "<!-- values: made by scripts/values-table.mjs -->\n";
const end = "<!-- end of values -->\n";

/** The page with the table of a chart's values between its two marks. */
export function withTable(page, chart) {
  const schema = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8"));
  const values = parse(readFileSync(join(chart, "values.yaml"), "utf8"));
  const lines = rows(schema, values, "").map(([name, value, text]) => `| \`${name}\` | ${value} | ${text} |\n`);
  const table = `| value | default | |\n|---|---|---|\n${lines.join("")}`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error("docs/install.md has lost the marks of its table");
  return page.slice(0, from + begin.length) + table + page.slice(to);
}

/** Objects of known fields are gone into; what Kubernetes defines is one row. */
function rows(schema, value, path) {
  return Object.entries(schema.properties).flatMap(([name, field]) => {
    const full = path === "" ? name : `${path}.${name}`;
    const said = value?.[name];
    if (name === "global") return [];
    const own = [[full, shown(said), field.description]];
    if (name === "resources" || name === "initResources") return own;
    if (field.items?.properties !== undefined) return [...own, ...rows(field.items, undefined, `${full}[]`)];
    return field.properties === undefined ? own : rows(field, said, full);
  });
}

function shown(value) {
  if (value === undefined || value === "") return "";
  return `\`${JSON.stringify(value).replaceAll("|", "\\|")}\``;
}
