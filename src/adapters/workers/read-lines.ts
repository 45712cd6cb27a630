const lineFeed = 10;

/**
 * The lines of a stream, decoded leniently, without their ends. A line longer than `maxLineBytes` is left out and told to
 * `onDropped`; one that begins with `skip` is never gathered: some programs repeat all they have said with each word.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  options: { readonly maxLineBytes: number; readonly skip?: string; readonly onDropped?: () => void },
): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let isDropped = false;

  const gather = (part: Uint8Array): void => {
    if (isDropped) return;
    parts.push(part);
    size += part.length;
    if (size > options.maxLineBytes) options.onDropped?.();
    isDropped = size > options.maxLineBytes || isSkipped(parts, size, options.skip);
    if (isDropped) parts = [];
  };
  const finish = (): string | null => {
    const line = isDropped || size === 0 ? null : Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
    [parts, size, isDropped] = [[], 0, false];
    return line;
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, from)) {
      gather(chunk.subarray(from, at));
      const line = finish();
      if (line !== null) yield line;
      from = at + 1;
    }
    if (from < chunk.length) gather(chunk.subarray(from));
  }
  const last = finish();
  if (last !== null) yield last;
}

function isSkipped(parts: readonly Uint8Array[], size: number, skip: string | undefined): boolean {
  if (skip === undefined || size < skip.length) return false;
  // Once the beginning is known to be another, later parts need no look.
  if (parts.length > 1 && (parts[0]?.length ?? 0) >= skip.length) return false;
  return Buffer.concat(parts).subarray(0, skip.length).toString('latin1') === skip;
}
