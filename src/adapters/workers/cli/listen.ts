import { parseRecord } from '../json-blocks.js';
import type { Logbook } from '../logbook.js';
import type { CliFace, Heard } from '../programs/program.js';
import { readLines } from '../read-lines.js';
import type { LiveRun } from '../room/room.js';

const maxLineBytes = 16 * 1024 * 1024;

/**
 * Writes what a program says into the logbook until its output ends. Answers what went wrong last, null when nothing did
 * or the program got over it. Lines that are no JSON are passed over where JSON is spoken: warnings stray in.
 */
export async function listen(
  live: Pick<LiveRun, 'stdout'>,
  face: Partial<Pick<CliFace, 'hear' | 'skip'>>,
  logbook: Logbook,
): Promise<string | null> {
  const { hear = null, skip } = face;
  let failed: string | null = null;
  const follow = ({ news = [], said, more, failed: wrong, recovered }: Heard): void => {
    for (const one of news) logbook.note(one);
    if (said !== undefined && said !== '') logbook.say(said, more === true ? 'next' : 'whole');
    if (recovered === true) failed = null;
    if (wrong !== undefined) failed = wrong;
  };
  for await (const line of readLines(live.stdout, { maxLineBytes, ...(skip === undefined ? {} : { skip }) })) {
    if (hear === null) logbook.say(`${line}\n`, 'next');
    else for (const event of parseRecord(line)) follow(hear(event));
  }
  return failed;
}
