import { expect, it } from 'vitest';
import { escapeHidden } from './double-quoted.js';

it('escapes every control, format and separator character of the platform’s Unicode', () => {
  const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
  const missed = Array.from({ length: 0x11_0000 }, (_, code) => code)
    .filter((code) => hidden.test(String.fromCodePoint(code)))
    .filter((code) => hidden.test(escapeHidden(String.fromCodePoint(code))));
  expect(missed.map((code) => code.toString(16))).toEqual([]);
});
