import type { Price } from '../../../core/registry/agent-profile.js';
import { costMicroUsd, tokenCount } from '../../../core/registry/cost.js';
import type { ModelCall } from '../../../core/learning/capture.js';
import { type BoundKind, type Bounds, type Spend, reachedBound } from '../../../core/tasks/spend.js';
import type { Meter, Usage } from './meter.js';

/** A meter whose watch over wall time ends with `close`. */
export interface RunningMeter extends Meter {
  /** Stops the watch and freezes the wall time. Safe to call twice. */
  close(): void;
}

const mostCalls = 500;
const longestTimerMs = 2_147_483_647;

/**
 * A meter that starts now. The clock is in milliseconds and never goes back; left out, the process's own, which no change
 * of the time of day moves. Money is counted call by call, each rounded up to a whole micro-dollar.
 */
export function createMeter(options: {
  readonly price: Price;
  readonly bounds: Bounds;
  readonly nowMs?: () => number;
}): RunningMeter {
  const nowMs = options.nowMs ?? (() => performance.now());
  const startedMs = nowMs();
  const listeners: ((bound: BoundKind) => void)[] = [];
  let counted = { micro_usd: 0, input_tokens: 0, output_tokens: 0, turns: 0 };
  const calls: ModelCall[] = [];
  let endedMs: number | null = null;
  let told: BoundKind | null = null;

  const spend = (): Spend => ({
    ...counted,
    wall_ms: Math.max(0, Math.floor((endedMs ?? nowMs()) - startedMs)),
  });
  const reached = (): BoundKind | null => told ?? reachedBound(options.bounds, spend());
  const look = (): void => {
    if (told !== null) return;
    told = reached();
    if (told === null) return;
    clearTimeout(timer);
    for (const stop of listeners.splice(0)) stop(told);
  };
  // timers may fire early, and a clock of the caller's may run at another pace: look, then wait for what is left
  const watch = (): void => {
    look();
    if (told === null && endedMs === null) timer = later(watch, options.bounds.wall_ms - spend().wall_ms);
  };
  let timer = later(watch, options.bounds.wall_ms);

  return {
    add(usage: Usage, firstTokenMs: number | null = null): void {
      if (calls.length < mostCalls) {
        const first_token_ms = firstTokenMs === null ? null : Math.max(0, Math.round(firstTokenMs));
        calls.push({
          first_token_ms,
          input_tokens: promptTokens(usage),
          output_tokens: tokenCount(usage.outputTokens),
        });
      }
      counted = {
        micro_usd: sum(counted.micro_usd, costMicroUsd(options.price, usage)),
        input_tokens: sum(counted.input_tokens, promptTokens(usage)),
        output_tokens: sum(counted.output_tokens, tokenCount(usage.outputTokens)),
        turns: counted.turns + 1,
      };
      look();
    },
    calls: () => calls,
    spend,
    reached,
    onReached(stop): void {
      if (endedMs !== null) return;
      look();
      if (told === null) listeners.push(stop);
      else stop(told);
    },
    close(): void {
      endedMs ??= nowMs();
      clearTimeout(timer);
      listeners.length = 0;
    },
  };
}

function later(run: () => void, ms: number): NodeJS.Timeout {
  const timer = setTimeout(run, Math.min(Math.max(ms, 1), longestTimerMs));
  timer.unref();
  return timer;
}

function promptTokens(usage: Usage): number {
  const cached = sum(tokenCount(usage.cacheReadTokens), tokenCount(usage.cacheWriteTokens));
  return Math.max(tokenCount(usage.inputTokens), cached);
}

function sum(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}
