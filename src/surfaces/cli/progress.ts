import type { Progress } from '../../ports/progress.js';
import { paint } from './paint.js';
import type { Terminal } from './terminal.js';

/**
 * Progress on stderr: on a terminal one live line a stage with its seconds, elsewhere plain lines; silent with --json.
 */
export function createProgress(terminal: Terminal, silent: boolean): Progress & { end(): void } {
  if (silent) return { stage() {}, note() {}, end() {} };
  return terminal.interactive ? createLiveProgress(terminal) : createPlainProgress(terminal);
}

function createPlainProgress(terminal: Terminal): Progress & { end(): void } {
  return {
    stage: (name, detail) => terminal.err(`${name}${detail === undefined ? '' : `: ${detail}`}\n`),
    note: (text) => terminal.err(`  ${text}\n`),
    end() {},
  };
}

function createLiveProgress(terminal: Terminal): Progress & { end(): void } {
  const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
  let current: { name: string; detail: string; startedMs: number } | null = null;
  let frame = 0;
  let timer: ReturnType<typeof setInterval> | null = null;
  const seconds = (startedMs: number): string => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
  const draw = (): void => {
    if (current === null) return;
    frame = (frame + 1) % frames.length;
    const line = `${frames[frame] ?? ''} ${current.name} ${current.detail}`.slice(0, 70);
    terminal.err(`\r\u001B[2K${line} ${paint(terminal, 'dim', seconds(current.startedMs))}`);
  };
  const finish = (): void => {
    if (current === null) return;
    terminal.err(
      `\r\u001B[2K${paint(terminal, 'green', '•')} ${current.name} ${paint(terminal, 'dim', seconds(current.startedMs))}\n`,
    );
    current = null;
  };
  return {
    stage(name, detail) {
      finish();
      current = { name, detail: detail ?? '', startedMs: performance.now() };
      timer ??= setInterval(draw, 100);
      draw();
    },
    note(text) {
      if (current !== null) current.detail = text;
      draw();
    },
    end() {
      finish();
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}
