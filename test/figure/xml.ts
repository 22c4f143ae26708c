/** An element of an XML document, as far as figures use XML: no comments, no instructions, no namespaces. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Its own text, and that of its children. */
  readonly text: string;
}

const token = /<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;

/** The one element of a document. Throws where the text is not well formed. */
export function parseXml(source: string): Element {
  const open: { name: string; attributes: Record<string, string>; children: Element[]; text: string }[] = [
    { name: "", attributes: {}, children: [], text: "" },
  ];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const start = token.lastIndex;
    const match = token.exec(source);
    if (!match) throw new Error(`not XML: ${source.slice(start, start + 60)}`);
    const [, closing, name, attributes, empty, text] = match;
    if (text !== undefined) open.at(-1)!.text += unescaped(text);
    else if (!closing) open.push({ name: name!, attributes: parsed(attributes!), children: [], text: "" });
    if (!closing && !empty) continue;
    const closed = open.pop()!;
    if (closed.name !== name) throw new Error(`</${name}> closes <${closed.name}>`);
    open.at(-1)!.children.push(closed);
    open.at(-1)!.text += closed.text;
  }
  if (open.length !== 1 || open[0]!.children.length !== 1) throw new Error("not one element");
  return open[0]!.children[0]!;
}

function parsed(attributes: string): Record<string, string> {
  const found = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)];
  const names = found.map(([, name]) => name!);
  if (new Set(names).size !== names.length) throw new Error(`an attribute twice: ${attributes}`);
  return Object.fromEntries(found.map(([, name, value]) => [name!, unescaped(value!)]));
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML cannot hold
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u.test(text))
    throw new Error("not XML");
  return text.replace(/&(\w*)(;?)/g, (_, name: string, end: string) => {
    if (!end || !entities[name]) throw new Error(`&${name} is no entity`);
    return entities[name];
  });
}

/** All elements of a name inside, at any depth. */
export function elements({ children }: Element, name: string): Element[] {
  return children.flatMap((child) => [...(child.name === name ? [child] : []), ...elements(child, name)]);
}
