import { expect, it } from 'vitest';
import { encodeUtf8 } from '../digest.js';
import { claimedSize, readCheckpointOf } from './find-checkpoint.js';

it('finds no state in what is no bundle, whatever size it claims', () => {
  const noise = ['', '{"treeSize":"9"}', '{"treeSize":"999999999999999"}\n', '\u0000', 'treeSize'].map(encodeUtf8);
  const all = [...noise, Uint8Array.of(0xff, 0xfe)];
  expect(all.map(readCheckpointOf)).toEqual(all.map(() => null));
  expect(all.map(claimedSize)).toEqual([-1, 9, 999_999_999_999_999, -1, -1, -1]);
});
