// What Grafana's dashboards are made of, as far as ours need it. Source: grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model

export interface Target {
  readonly expr: string;
  readonly legend?: string;
  /** Asked for now alone. */
  readonly instant?: true;
}

export interface Panel {
  readonly title: string;
  readonly type: "stat" | "timeseries" | "table";
  /** Grafana's name of a unit: `reqps`, `ms`, `percentunit`. */
  readonly unit: string;
  readonly targets: readonly Target[];
  /** Of 24. */
  readonly width?: number;
  readonly description?: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A variable with the values of a label. */
export interface Variable {
  readonly name: string;
  readonly query: string;
  readonly label: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own way to name a variable.
const datasource = { type: "prometheus", uid: "${datasource}" };
const heights = { stat: 4, timeseries: 8, table: 9 };

/** A dashboard as Grafana imports it. */
export function grafana({ uid, title, description, variables, rows }: Dashboard): object {
  return {
    uid,
    title,
    description,
    tags: ["weft", "istio"],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: "15s",
    time: { from: "now-15m", to: "now" },
    templating: { list: [source, ...variables.map(variable)] },
    panels: placed(rows),
  };
}

const source = { name: "datasource", label: "Data source", type: "datasource", query: "prometheus", hide: 0 };

function variable({ name, query, label }: Variable): object {
  const both = { query, refId: name };
  return { name, label, type: "query", datasource, query: both, definition: query, refresh: 2, sort: 1, hide: 0 };
}

/** Panels from the left to the right, rows below each other. */
function placed(rows: readonly Row[]): object[] {
  const found: object[] = [];
  let [x, y, tallest] = [0, 0, 0];
  const down = () => {
    y += tallest;
    [x, tallest] = [0, 0];
  };
  for (const { title, panels } of rows) {
    down();
    found.push({
      id: found.length + 1,
      type: "row",
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: 24, h: 1 },
    });
    y += 1;
    for (const panel of panels) {
      const w = panel.width ?? (panel.type === "stat" ? 6 : panel.type === "table" ? 24 : 12);
      const h = heights[panel.type];
      if (x + w > 24) down();
      found.push({ id: found.length + 1, ...drawn(panel), gridPos: { x, y, w, h } });
      x += w;
      tallest = Math.max(tallest, h);
    }
  }
  return found;
}

function drawn({ title, type, unit, targets, description }: Panel): object {
  const queries = targets.map(({ expr, legend, instant }, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource,
    expr,
    legendFormat: legend ?? "__auto",
    ...(instant ? { instant: true, range: false } : { range: true }),
    ...(type === "table" ? { format: "table" } : {}),
  }));
  return {
    title,
    type,
    ...(description === undefined ? {} : { description }),
    datasource,
    targets: queries,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    ...(type === "table" ? { transformations: [{ id: "merge", options: {} }] } : {}),
    ...(type === "stat" ? { options: { reduceOptions: { calcs: ["lastNotNull"] } } } : {}),
  };
}
