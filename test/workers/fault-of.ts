import { WorkFault } from '../../src/core/tasks/work-fault.js';

/** The fault that work ended with; fails when it ended well or with an error of another kind. */
export async function faultOf(work: Promise<unknown>): Promise<WorkFault> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WorkFault)) throw new Error(`no fault of work: ${String(error)}`, { cause: error });
  return error;
}
