import { Fault } from './fault.js';

export type TimeFaultCode = 'TIME_INVALID';

const instantPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?(Z|[+-]\d\d:\d\d)$/;

export const dayMs = 86_400_000;

/**
 * Milliseconds since the epoch of an ISO 8601 instant with a zone, such as `2026-11-20T09:00:00Z`. A date alone, a
 * missing zone, or a day that the month does not have is refused.
 * @throws TIME_INVALID
 */
export function parseInstant(text: string): number {
  const match = instantPattern.exec(text);
  if (match === null) throw refuse(text);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const milliseconds = Number((match[7] ?? '').padEnd(3, '0'));
  const local = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds);
  // Date.UTC rolls 30 February over into March, and years below 100 into the 1900s: both show here.
  const rolled = new Date(local);
  if (rolled.getUTCFullYear() !== year || rolled.getUTCDate() !== day) {
    throw refuse(text);
  }
  if (hour > 23 || minute > 59 || second > 59) throw refuse(text);
  return local - zoneOffsetMs(match[8] ?? 'Z', text);
}

// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: between them a year has four digits and no sign.
const earliestMs = -62_167_219_200_000;
const latestMs = 253_402_300_799_999;

/** ISO 8601 text in UTC with milliseconds of an instant in the years 0 to 9999. @throws TIME_INVALID */
export function formatInstant(ms: number): string {
  if (!Number.isSafeInteger(ms) || ms < earliestMs || ms > latestMs) throw refuse(String(ms));
  return new Date(ms).toISOString();
}

function zoneOffsetMs(zone: string, text: string): number {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) throw refuse(text);
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function refuse(text: string): Fault<TimeFaultCode> {
  return new Fault('TIME_INVALID', `not an instant: ${JSON.stringify(text.slice(0, 60))}`, {
    mend: 'write date, time and zone, such as 2026-11-20T09:00:00Z',
  });
}
