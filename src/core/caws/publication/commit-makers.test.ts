import { describe, expect, it } from 'vitest';
import { readMakers } from './commit-makers.js';

describe('who made a commit', () => {
  it('is what its header says, and nothing that its message says', () => {
    const header =
      'tree 1\nauthor Ada <ada@example.org> 1700000000 +0100\ncommitter GitHub <g@example.org> 1700000001 +0000';
    expect(readMakers(`${header}\n\nauthor Eve <eve@example.org> 1 +0000\n`)).toEqual({
      author: 'Ada <ada@example.org>',
      committer: 'GitHub <g@example.org>',
    });
  });

  it('is nobody where there is no such line', () => {
    expect(readMakers('tree 1\n\nauthor Eve <eve@example.org> 1 +0000\n')).toEqual({ author: '', committer: '' });
  });
});
