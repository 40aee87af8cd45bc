/** An element of XML, as far as a report of tests has it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const names: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Reads XML without namespaces, comments and CDATA; throws at the first thing that is not well-formed. */
export function element(xml: string): XmlElement {
  let at = 0;
  const take = (pattern: RegExp, what: string): RegExpExecArray => {
    const sticky = new RegExp(pattern.source, "y");
    sticky.lastIndex = at;
    const found = sticky.exec(xml);
    if (found === null) throw new Error(`${what} expected at ${at}: ${JSON.stringify(xml.slice(at, at + 40))}`);
    at = sticky.lastIndex;
    return found;
  };
  const read = (): XmlElement => {
    const name = take(/<([a-z][\w-]*)/, "an element")[1] ?? "";
    const attributes: Record<string, string> = {};
    while (/\s/.test(xml[at] ?? "")) {
      const [, key = "", value = ""] = take(/\s+([a-z]+)="([^"<]*)"/, "an attribute");
      if (key in attributes) throw new Error(`${name} has ${key} twice`);
      attributes[key] = plain(value);
    }
    if (take(/\/?>/, "the end of a tag")[0] === "/>") return { name, attributes, children: [], text: "" };
    const children: XmlElement[] = [];
    let text = "";
    for (;;) {
      text += plain(take(/[^<]*/, "text")[0]);
      if (xml.startsWith("</", at)) break;
      children.push(read());
    }
    if (take(/<\/([\w-]+)>/, "an end tag")[1] !== name) throw new Error(`${name} is not closed`);
    return { name, attributes, children, text };
  };
  take(/<\?xml version="1.0" encoding="UTF-8"\?>\s*/, "a declaration");
  const root = read();
  take(/\s*$/, "the end");
  return root;
}

function plain(text: string): string {
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const code = /^#(\d+)$/.exec(name)?.[1];
    const found = code === undefined ? names[name] : String.fromCodePoint(Number(code));
    if (found === undefined || !whole.endsWith(";")) throw new Error(`${whole} is no entity`);
    return found;
  });
}
