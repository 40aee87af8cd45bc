import { yaml } from "@codemirror/lang-yaml";
import { syntaxHighlighting } from "@codemirror/language";
import { EditorState, type Extension, RangeSet, RangeSetBuilder } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter, lineNumbers } from "@codemirror/view";
import { type ReactElement, useEffect, useRef } from "react";
import type { Finding } from "../../../src/api/contract/config.ts";
import { styleNonce } from "../frame/style-nonce.ts";
import { lineOf } from "./filters.ts";
import { levelRank } from "./level-mark.tsx";
import { yamlColours } from "./yaml-colours.ts";

interface YamlViewProps {
  readonly text: string;
  /** Line of the file on which the text begins; line numbers are the file's. */
  readonly firstLine: number;
  readonly findings: readonly Finding[];
  /** Line of the file to bring into sight. */
  readonly line: number | undefined;
}

/** YAML to read, with a mark at each line that something was found about. */
export function YamlView({ text, firstLine, findings, line }: YamlViewProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  useEffect(() => {
    if (!host.current) return;
    const state = EditorState.create({ doc: text.trimEnd(), extensions: extensions(text, firstLine, findings) });
    const editor = new EditorView({ state, parent: host.current });
    view.current = editor;
    return () => editor.destroy();
  }, [text, firstLine, findings]);
  useEffect(() => {
    const editor = view.current;
    const wanted = line === undefined ? undefined : line - firstLine + 1;
    if (!editor || wanted === undefined || wanted < 1 || wanted > editor.state.doc.lines) return;
    editor.dispatch({ effects: EditorView.scrollIntoView(editor.state.doc.line(wanted).from, { y: "center" }) });
    host.current?.querySelector<HTMLElement>(`[data-line="${line}"]`)?.scrollIntoView({ block: "center" });
  }, [line, firstLine]);
  return <div className="yaml" ref={host} />;
}

function extensions(text: string, firstLine: number, findings: readonly Finding[]): Extension[] {
  const state = EditorState.create({ doc: text.trimEnd() });
  const byLine = Map.groupBy(
    findings.filter((f) => insideOf(f, firstLine, state.doc.lines) !== undefined),
    (f) => insideOf(f, firstLine, state.doc.lines) ?? 1,
  );
  const marks = [...byLine].toSorted(([a], [b]) => a - b);
  const lines = new RangeSetBuilder<Decoration>();
  for (const [number, found] of marks) {
    const spec = {
      class: `found ${levelClass(found)}`,
      attributes: { title: found.map((f) => f.message).join("\n"), "data-line": String(number + firstLine - 1) },
    };
    lines.add(state.doc.line(number).from, state.doc.line(number).from, Decoration.line(spec));
  }
  const decorations: DecorationSet = lines.finish();
  const gutterMarks = RangeSet.of(
    marks.map(([number, found]) => new FoundMarker(levelClass(found)).range(state.doc.line(number).from)),
  );
  return [
    gutter({ class: "found-gutter", markers: () => gutterMarks }),
    lineNumbers({ formatNumber: (n) => String(n + firstLine - 1) }),
    yaml(),
    syntaxHighlighting(yamlColours),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ "aria-label": "YAML", tabindex: "0", "aria-readonly": "true" }),
    EditorView.decorations.of(decorations),
    EditorView.cspNonce.of(styleNonce),
    EditorView.lineWrapping,
  ];
}

function insideOf(finding: Finding, firstLine: number, lines: number): number | undefined {
  const line = lineOf(finding.at);
  if (line === undefined) return undefined;
  const inside = line - firstLine + 1;
  return inside >= 1 && inside <= lines ? inside : undefined;
}

function levelClass(found: readonly Finding[]): string {
  const worst = found.toSorted((a, b) => levelRank(a.level) - levelRank(b.level))[0]?.level ?? "Info";
  return worst.toLowerCase();
}

class FoundMarker extends GutterMarker {
  override readonly elementClass: string;

  constructor(level: string) {
    super();
    this.elementClass = `found-mark ${level}`;
  }
}
