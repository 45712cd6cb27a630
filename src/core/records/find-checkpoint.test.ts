import { expect, it } from 'vitest';
import { encodeUtf8 } from '../digest.js';
import { findLargestCheckpoint } from './find-checkpoint.js';

it('passes over what is no bundle, whatever size it claims', () => {
  const noise = ['', '{"treeSize":"9"}', '{"treeSize":"9999999999999999"}\n', '\u0000', 'treeSize'].map(encodeUtf8);
  expect(findLargestCheckpoint([...noise, Uint8Array.of(0xff, 0xfe)], 'arbiter/0')).toBeNull();
  expect(findLargestCheckpoint([], 'arbiter/0')).toBeNull();
});
