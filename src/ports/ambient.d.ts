// The one ambient file of the inner floors: ports and app may hold an AbortSignal, and nothing else of the platform.
// Structural on purpose, so that the platform's own AbortSignal fits it and Node's types stay out.
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
