/** Counts characters of UTF-8 that comes in pieces; a byte that fits no sequence counts as one character. */
export class CharacterCounter {
  characters = 0;
  #continuations = 0;

  add(bytes: Uint8Array): void {
    let count = this.characters;
    let expected = this.#continuations;
    for (const byte of bytes) {
      if (expected > 0 && (byte & 0xc0) === 0x80) {
        expected -= 1;
        continue;
      }
      count += 1;
      expected = continuationsAfter(byte);
    }
    this.characters = count;
    this.#continuations = expected;
  }
}

function continuationsAfter(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 1;
  return lead < 0xf0 ? 2 : 3;
}

export function countCharacters(bytes: Uint8Array): number {
  const counter = new CharacterCounter();
  counter.add(bytes);
  return counter.characters;
}
