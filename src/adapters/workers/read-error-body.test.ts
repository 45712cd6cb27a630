import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { readErrorBody } from './read-error-body.js';

const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' };
const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' };

describe('the body of an error', () => {
  it.each([
    ['openai', { error: { message: 'm', type: 'invalid_request_error', code: 'context_length_exceeded' } }],
    ['openai without a code', { error: { message: 'm', type: 'context_length_exceeded', code: null } }],
    ['anthropic', { type: 'error', error: { type: 'context_length_exceeded', message: 'm' } }],
    ['gemini', { error: { code: 400, message: 'm', status: 'context_length_exceeded' } }],
    ['gemini as it streams', [{ error: { code: 400, message: 'm', status: 'context_length_exceeded' } }]],
    ['a server that has no wrapper', { object: 'error', message: 'm', code: 'context_length_exceeded' }],
  ])('of %s names its code', (_, body) => {
    expect(readErrorBody(JSON.stringify(body))).toEqual({
      code: 'context_length_exceeded',
      words: 'm',
      retryAfterMs: null,
    });
  });

  it('of google names the reason before the status, and when to come back', () => {
    const error = { code: 429, message: 'm', status: 'INVALID_ARGUMENT', details: [info, retry] };
    expect(readErrorBody(JSON.stringify({ error }))).toEqual({
      code: 'API_KEY_INVALID',
      words: 'm',
      retryAfterMs: 34_070,
    });
  });

  it('that is of no protocol says nothing but its words', () => {
    expect(readErrorBody('<html>bad gateway')).toEqual({ code: null, words: '<html>bad gateway', retryAfterMs: null });
    expect(readErrorBody('{"error":"no such model"}')).toMatchObject({ code: null, words: 'no such model' });
    expect(readErrorBody('[]')).toMatchObject({ code: null });
  });

  test.prop([fc.oneof(fc.string(), fc.json())])('is read whatever it is, and kept short', (text) => {
    const { code, words } = readErrorBody(text);
    expect((code ?? '').length).toBeLessThanOrEqual(80);
    expect(words.length).toBeLessThanOrEqual(2000);
  });
});
