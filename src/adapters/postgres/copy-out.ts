import type { ClientBase, Submittable } from 'pg';

const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
/** Behind the signature: flags, and how long what follows them is. */
const headerBytes = signature.length + 8;
const smallRoom = 64 * 1024;

/**
 * What a query answers in the server's own binary form, for `walkRows`: nothing is made into text and back, which the client
 * library does with all that comes by its own ways. The query is one of ours, without anybody's words in it.
 * @param room where it is put as long as it fits; left out: in a new one
 * @throws Error of the connection or of the server
 * @see PostgreSQL COPY, Binary Format
 */
export function copyOut(client: ClientBase, query: string, room?: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = room ?? Buffer.allocUnsafe(smallRoom);
    let [length, isOver] = [0, false];
    const end = (settle: () => void): void => {
      // The library has put its own in this place, which stops the clock of a query that is not answered.
      answer.callback();
      isOver = true;
      settle();
    };
    // What the client library calls on a query that is not its own, message by message.
    const answer = {
      submit: (connection: { query(text: string): void }) =>
        connection.query(`copy (${query}) to stdout (format binary)`),
      // The library reads what comes next into the same room, and goes on after a fault that was told already.
      handleCopyData({ chunk }: { readonly chunk: Buffer }) {
        if (isOver) return;
        if (length + chunk.length > bytes.length) bytes = enlarge(bytes, length + chunk.length);
        length += chunk.copy(bytes, length);
      },
      handleCommandComplete: () => undefined,
      callback: () => undefined,
      handleReadyForQuery: () => end(() => resolve(bytes.subarray(0, length))),
      handleError: (error: Error) => end(() => reject(error)),
    };
    client.query(answer as unknown as Submittable);
  });
}

function enlarge(bytes: Buffer, least: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(2 * bytes.length, least));
  bytes.copy(larger);
  return larger;
}

/**
 * Tells of each row of such an answer where its fields begin and end, in two lists that are the same each time; the
 * beginning is −1 where the field is NULL. @throws RangeError, Error where the answer is cut or is none
 */
export function walkRows(bytes: Buffer, take: (begins: readonly number[], ends: readonly number[]) => void): void {
  if (!bytes.subarray(0, signature.length).equals(signature)) throw new Error('the answer is not in binary form');
  const [begins, ends]: [number[], number[]] = [[], []];
  let at = headerBytes + bytes.readInt32BE(signature.length + 4);
  for (let fields = bytes.readInt16BE(at); fields >= 0; fields = bytes.readInt16BE(at)) {
    at += 2;
    for (let field = 0; field < fields; field += 1) {
      const length = bytes.readInt32BE(at);
      at += 4;
      begins[field] = length < 0 ? -1 : at;
      at += Math.max(0, length);
      ends[field] = at;
    }
    if (at > bytes.length) throw new Error('the answer is cut');
    take(begins, ends);
  }
}
