import { autocompletion, closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { type ReactElement, useEffect, useRef } from "react";
import type { DraftFinding } from "../../../../src/api/contract/edit.ts";
import { styleNonce } from "../../frame/style-nonce.ts";
import { yamlColours } from "../yaml-colours.ts";
import { completion, type Knowledge } from "./completion.ts";
import "./yaml-editor.css";

interface YamlEditorProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly findings: readonly DraftFinding[];
  readonly knowledge: Knowledge;
  /** Line to go to; another object goes there again. */
  readonly goTo: { readonly line: number } | undefined;
  readonly label: string;
}

/** YAML to write: completion by the schema, and what is wrong marked in its lines as it is typed. */
export function YamlEditor({ text, onText, findings, knowledge, goTo, label }: YamlEditorProps): ReactElement {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const tell = useRef(onText);
  tell.current = onText;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; another text comes in by the effect below
  useEffect(() => {
    if (!host.current) return;
    const onChange = EditorView.updateListener.of((update) => {
      if (update.docChanged) tell.current(update.state.doc.toString());
    });
    const state = EditorState.create({ doc: text, extensions: [extensions(label, knowledge), onChange] });
    const editor = new EditorView({ state, parent: host.current });
    view.current = editor;
    return () => editor.destroy();
  }, [label, knowledge]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text]);
  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, marks(editor.state, findings)));
  }, [findings]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || !goTo || goTo.line > editor.state.doc.lines) return;
    const { from } = editor.state.doc.line(goTo.line);
    editor.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    editor.focus();
  }, [goTo]);
  return <div className="yaml yaml-editor" ref={host} />;
}

function extensions(label: string, knowledge: Knowledge): Extension[] {
  return [
    lintGutter(),
    lineNumbers(),
    history(),
    drawSelection(),
    highlightActiveLine(),
    bracketMatching(),
    closeBrackets(),
    indentUnit.of("  "),
    yaml(),
    syntaxHighlighting(yamlColours),
    autocompletion({ override: [completion(knowledge)], icons: false }),
    // Escape, then Tab leaves the editor: CodeMirror's own way out for the keyboard.
    keymap.of([...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    EditorView.cspNonce.of(styleNonce),
    EditorView.lineWrapping,
  ];
}

const severity = { Error: "error", Warning: "warning", Info: "info" } as const;

function marks(state: EditorState, findings: readonly DraftFinding[]): Diagnostic[] {
  return findings.map((finding) => {
    const line = state.doc.line(Math.min(Math.max(1, finding.line), state.doc.lines));
    const from = Math.min(line.from + Math.max(0, finding.column - 1), line.to);
    const words = finding.field ? `${finding.field}: ${finding.message}` : finding.message;
    return {
      from: from === line.to ? line.from : from,
      to: line.to,
      severity: severity[finding.level],
      source: finding.code,
      message: finding.fix ? `${words}\n${finding.fix}` : words,
    };
  });
}
