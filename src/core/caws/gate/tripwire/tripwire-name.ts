const syllables =
  'ba be bi bo bu da de di do du fa fe fi fo ga ge go ha he hi ho ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to va ve vi vo za ze zi zo'.split(
    ' ',
  );

/** A word of the bytes, two letters each: looks like a name someone might give, and cannot be foreseen. */
export function wordOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => syllables[byte % syllables.length] ?? 'ba').join('');
}

/** The bytes in hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
