/** A stream of numbers that one seed determines. */
export interface Random {
  /** 32 bits, as an integer in [0, 2³²). */
  bits(): number;
  /** Uniform in [0, 1), with 53 bits. */
  uniform(): number;
}

/**
 * Reproducible randomness for simulations, splits and ties: xoshiro128**, whose state is spread from the seed by
 * SplitMix32. Of any finite number the low 32 bits are the seed. Never for keys or secrets.
 * @see https://prng.di.unimi.it/
 */
export function createRandom(seed: number): Random {
  let spread = seed | 0;
  const next = (): number => {
    spread = (spread + 0x9e37_79b9) | 0;
    let mixed = spread ^ (spread >>> 16);
    mixed = Math.imul(mixed, 0x21f0_aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a_2d97);
    return mixed ^ (mixed >>> 15);
  };
  return xoshiro128([next(), next(), next(), next()]);
}

/** The generator itself, from a state of four words that are not all 0. */
export function xoshiro128(state: readonly [number, number, number, number]): Random {
  let [a, b, c, d] = state;
  const bits = (): number => {
    const mixed = Math.imul(b, 5);
    const result = Math.imul((mixed << 7) | (mixed >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = (): number => ((bits() >>> 5) * 0x400_0000 + (bits() >>> 6)) / 0x20_0000_0000_0000;
  return { bits, uniform };
}
