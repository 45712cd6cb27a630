// The one ambient file of the inner floors: ports and app may hold an AbortSignal, and nothing else of the platform.
// Structural on purpose, so that the platform's own AbortSignal fits it and Node's types stay out.
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

// Bytes to text and back: the same in every runtime that matters.
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
