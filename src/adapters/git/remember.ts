const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** True for a whole object id: what it stands for never changes, and neither does what it descends from. */
export function isObjectId(name: string): boolean {
  return OBJECT_ID.test(name);
}

/** Answers that hold as long as their key does, each asked for once; a failure is asked for again. */
export class Remembered<Answer> {
  readonly #answers = new Map<string, Promise<Answer>>();
  readonly #most: number;

  /** Holds `most` answers, the oldest of which makes room. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The answer to a key; a null key is asked for every time. @throws what `ask` throws */
  of(key: string | null, ask: () => Promise<Answer>): Promise<Answer> {
    if (key === null) return ask();
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const asked = ask();
    const [oldest] = this.#answers.keys();
    if (this.#answers.size >= this.#most && oldest !== undefined) this.#answers.delete(oldest);
    this.#answers.set(key, asked);
    asked.catch(() => {
      if (this.#answers.get(key) === asked) this.#answers.delete(key);
    });
    return asked;
  }
}
