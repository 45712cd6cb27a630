import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { checkXmlShape } from './xml-shape.js';
import { unparseable } from './unparseable.js';

/** One element, entities decoded. `text` joins its own text and CDATA, `comments` stand directly in it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly comments: readonly string[];
  readonly text: string;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // Entities are decoded by us: the five of XML and character references, and no others.
  processEntities: false,
  commentPropName: '#comment',
  cdataPropName: '#cdata',
  maxNestedTags: 80,
});

/**
 * Reads one XML document. No document type (but Cobertura's outer reference where `outerDoctype` is true), no entities
 * beyond XML's own, one root, caps on depth and elements.
 * @throws REPORT_UNPARSEABLE with line and column
 */
export function readXml(format: string, text: string, options = { outerDoctype: false }): XmlElement {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  const encoding = /^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']*)["']/i.exec(body)?.[1];
  if (encoding !== undefined && !/^(utf-?8|us-ascii|ascii)$/i.test(encoding)) {
    throw unparseable(format, `it declares the encoding ${encoding}; only UTF-8 is read`, { line: 1, column: 1 });
  }
  checkXmlShape(format, body, options);
  const plain = options.outerDoctype ? body.replace(/<!DOCTYPE[^>]*>/, '') : body;
  const valid = XMLValidator.validate(plain);
  if (valid !== true) throw unparseable(format, valid.err.msg, { line: valid.err.line, column: valid.err.col });
  return rootOf(format, parseNodes(format, plain));
}

type Node = Readonly<Record<string, unknown>>;

function parseNodes(format: string, text: string): readonly Node[] {
  try {
    return parser.parse(text) as readonly Node[];
  } catch (cause) {
    throw unparseable(format, cause instanceof Error ? cause.message : 'no XML', undefined, cause);
  }
}

function rootOf(format: string, nodes: readonly Node[]): XmlElement {
  const roots = nodes.filter((node) => tagOf(node) !== null);
  const root = roots[0];
  if (root === undefined || roots.length !== 1) throw unparseable(format, `${roots.length} root elements`);
  return elementOf(format, root, tagOf(root) ?? '');
}

function tagOf(node: Node): string | null {
  return Object.keys(node).find((key) => !/^[#:?]/.test(key)) ?? null;
}

function elementOf(format: string, node: Node, name: string): XmlElement {
  const children: XmlElement[] = [];
  const comments: string[] = [];
  let text = '';
  for (const child of node[name] as readonly Node[]) {
    const tag = tagOf(child);
    if (tag !== null) children.push(elementOf(format, child, tag));
    else if ('#text' in child) text += decodeEntities(format, String(child['#text']));
    else if ('#cdata' in child) text += rawText(child['#cdata']);
    else if ('#comment' in child) comments.push(rawText(child['#comment']));
  }
  const attributes = new Map<string, string>();
  for (const [key, value] of Object.entries((node[':@'] as Record<string, string> | undefined) ?? {})) {
    attributes.set(key, decodeEntities(format, value));
  }
  return { name, attributes, children, comments, text };
}

function rawText(nodes: unknown): string {
  return (nodes as readonly { readonly '#text'?: string }[]).map((node) => node['#text'] ?? '').join('');
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decodeEntities(format: string, text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:([#\w]{1,10});)?/g, (whole: string, entity: string | undefined) => {
    const decoded = entity === undefined ? undefined : (named[entity] ?? characterOf(entity));
    if (decoded === undefined) throw unparseable(format, `"${whole}" is no entity of XML's own`);
    return decoded;
  });
}

function characterOf(entity: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([\da-f]+)|(\d+))$/i.exec(entity) ?? [];
  const code = hex === undefined ? Number(decimal ?? -1) : Number.parseInt(hex, 16);
  return code >= 1 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
