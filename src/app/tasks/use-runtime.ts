import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';

/** Opens store and engine, hands them to `use`, and closes them whatever happens. @throws what `Runtime.open` throws */
export async function useRuntime<Result>(
  ports: Ports,
  signal: AbortSignal,
  use: (runtime: OpenRuntime) => Promise<Result>,
  folder?: string,
): Promise<Result> {
  const runtime = await ports.runtime.open(signal, folder);
  try {
    return await use(runtime);
  } finally {
    await runtime.close();
  }
}
