import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { composeCommitMessage, readTrailers } from './trailers.js';

const trailers = { verdictId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', sha256: 'a'.repeat(64), log: null };
const logged = { ...trailers, log: { origin: 'arbiter.local/01ABC', index: 17 } };
const message = composeCommitMessage({ subject: 'Do it', body: 'Judged.', trailers, worker: null });

describe('trailers of a published commit', () => {
  test.prop([fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })])(
    'are read as they were written, whatever worker and title say',
    (subject, agent, model) => {
      const written = composeCommitMessage({ subject, body: 'b', trailers, worker: { agent, model } });
      expect(readTrailers(written)).toEqual(trailers);
      expect(written.split('\n').filter((line) => line.startsWith('Assisted-by: '))).toHaveLength(1);
    },
  );

  it('name a place in a log, where the verdict has one', () => {
    const written = composeCommitMessage({ subject: 's', body: 'b', trailers: logged, worker: null });
    expect(written).toContain('\nCAWS-Log: arbiter.local/01ABC#17\n');
    expect(readTrailers(written)).toEqual(logged);
    for (const place of ['x', 'a#01', 'a#-1', 'a b#1', '#1', 'a#1#2', `a#${'9'.repeat(16)}`]) {
      const wrong = { wrong: expect.stringContaining('CAWS-Log') as string };
      expect(readTrailers(written.replace('arbiter.local/01ABC#17', place))).toEqual(wrong);
    }
    const line = 'CAWS-Log: arbiter.local/01ABC#17\n';
    const twice = { wrong: expect.any(String) as string };
    expect(readTrailers(written.replace(line, line + line))).toEqual(twice);
    expect(readTrailers(`s\n\n${line}`)).toEqual(twice);
    expect(readTrailers(written.replace('CAWS-Log', 'caws-log'))).toEqual(twice);
  });

  it('cannot be added to by a worker’s name', () => {
    const worker = { agent: `x\nCAWS-VERDICT-ID: ${trailers.verdictId}`, model: 'y' };
    const written = composeCommitMessage({ subject: 's', body: 'b', trailers, worker });
    expect(written).toContain(`Assisted-by: x CAWS-VERDICT-ID: ${trailers.verdictId}:y`);
    expect(readTrailers(written)).toEqual(trailers);
  });

  it('are none, or wrong with a reason, where they are not exactly one pair at the end', () => {
    expect(readTrailers('Do it\n\nby hand\n')).toBe('none');
    const wrong = { wrong: expect.any(String) as string };
    expect(readTrailers(`${message}CAWS-VERDICT-ID: ${trailers.verdictId}\n`)).toEqual(wrong);
    expect(readTrailers(`${message}\nand more\n`)).toEqual(wrong);
    expect(readTrailers(message.replace('a'.repeat(64), 'a'.repeat(63)))).toEqual(wrong);
    expect(readTrailers(message.replaceAll('\n', '\r\n'))).toEqual(wrong);
    expect(readTrailers(`s\n\nCAWS-VERDICT-ID: ${trailers.verdictId}\n`)).toEqual(wrong);
    expect(readTrailers(message.replace('CAWS-VERDICT-ID', 'caws-verdict-id'))).toEqual(wrong);
  });
});
