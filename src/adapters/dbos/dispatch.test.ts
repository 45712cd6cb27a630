import { expect, it } from 'vitest';
import { canDispatch } from './dispatch.js';

it('DBOS still has the queue runner that waking relies on: a new version has to be looked at', () => {
  expect(canDispatch()).toBe(true);
});
