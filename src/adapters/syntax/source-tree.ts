/** A syntax node that matters to us. The tree of knots leaves out every node of another kind. */
export interface Knot {
  readonly kind: string;
  /** Place in `SourceTree.knots`. */
  readonly index: number;
  /** UTF-16 offsets into the text; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** Counted from 1. */
  readonly line: number;
  readonly endLine: number;
  readonly parent: Knot | null;
  readonly children: Knot[];
}

/** A text with its knots in the order of their start, outer before inner; `root` spans the whole text. */
export interface SourceTree {
  readonly text: string;
  readonly root: Knot;
  readonly knots: readonly Knot[];
}

interface Position {
  readonly line: number;
  readonly index: number;
}

/** The part of ast-grep's node that is used here. */
export interface ParsedNode {
  kind(): string;
  range(): { readonly start: Position; readonly end: Position };
  findAll(matcher: unknown): readonly ParsedNode[];
}

/**
 * Fetches the nodes of the given kinds in one call and nests them by their ranges. Every call on a node crosses into
 * native code, so only wanted kinds are fetched and each is asked twice.
 */
export function buildTree(text: string, parsed: ParsedNode, matcher: unknown): SourceTree {
  const root: Knot = {
    kind: 'file',
    index: 0,
    start: 0,
    end: text.length,
    line: 1,
    endLine: 1,
    parent: null,
    children: [],
  };
  const knots: Knot[] = [root];
  let around: Knot = root;
  for (const node of parsed.findAll(matcher)) {
    const { start, end } = node.range();
    while (around.parent !== null && (start.index >= around.end || end.index > around.end)) around = around.parent;
    const knot: Knot = {
      kind: node.kind(),
      index: knots.length,
      start: start.index,
      end: end.index,
      line: start.line + 1,
      endLine: end.line + 1,
      parent: around,
      children: [],
    };
    around.children.push(knot);
    knots.push(knot);
    around = knot;
  }
  return { text, root, knots };
}

/** First child of one of the kinds, or undefined. */
export function childOf(knot: Knot, ...kinds: readonly string[]): Knot | undefined {
  return knot.children.find((child) => kinds.includes(child.kind));
}
