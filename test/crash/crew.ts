import type { ChildProcess } from 'node:child_process';
import { type CrashHome, sendSignal } from './crash-home.js';

/** Worker processes that are replaced when they are killed. */
export interface Crew {
  /** Of workers that live and are not stopped. */
  pids(): readonly number[];
  /** Starts as many as are missing. */
  refill(): void;
  /** Waits until a worker has gone. */
  gone(pid: number): Promise<void>;
  /** Holds a worker as SIGSTOP does; it no longer counts until it goes on. */
  hold(pid: number): void;
  goOn(pid: number): void;
  held(): readonly number[];
  /** Exits that no signal of ours has caused. */
  readonly strange: readonly string[];
}

export function createCrew(home: CrashHome, size: number): Crew {
  const members = new Map<number, ChildProcess>();
  const held = new Set<number>();
  const strange: string[] = [];
  return {
    pids: () => [...members.keys()].filter((pid) => !held.has(pid)),
    refill() {
      for (let missing = size - (members.size - held.size); missing > 0; missing -= 1) {
        const child = home.start('up', '--foreground');
        const { pid } = child;
        if (pid === undefined) continue;
        members.set(pid, child);
        child.once('exit', (code, signal) => {
          members.delete(pid);
          held.delete(pid);
          if (code !== 0 && signal === null) strange.push(`worker ${pid} ended with ${code}:\n${home.said(40)}`);
        });
      }
    },
    async gone(pid) {
      const child = members.get(pid);
      if (child !== undefined) await new Promise((resolve) => child.once('exit', resolve));
    },
    hold(pid) {
      if (sendSignal(pid, 'SIGSTOP')) held.add(pid);
    },
    goOn(pid) {
      held.delete(pid);
      sendSignal(pid, 'SIGCONT');
    },
    held: () => [...held],
    strange,
  };
}
