import { type NewSpec, composeSpec } from '../../core/caws/dialects/compose-spec.js';
import { encodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import { formatInstant } from '../../core/time.js';
import type { Clock } from '../../ports/clock.js';
import type { Files } from '../../ports/files.js';
import { specFolder } from './constitution-files.js';

export type NewSpecFaultCode = 'SPEC_INPUT_INVALID';

/**
 * Writes `.caws/specs/<id>.yaml` below `root`, valid in dialects B and C, and never over a file that is there.
 * @throws SPEC_INPUT_INVALID with everything that either dialect would refuse; FILE_EXISTS, WRITE_FAILED
 */
export async function newSpec(
  ports: { readonly files: Pick<Files, 'writeNewFile'>; readonly clock: Pick<Clock, 'nowMs'> },
  root: string,
  wanted: NewSpec,
): Promise<{ readonly path: string; readonly text: string }> {
  const { text, errors } = composeSpec(wanted, formatInstant(ports.clock.nowMs()));
  if (errors.length > 0) {
    const message = errors.map((error) => error.message).join('; ');
    throw new Fault<NewSpecFaultCode>('SPEC_INPUT_INVALID', `the spec would not be valid: ${message}`, {
      mend: [...new Set(errors.map((error) => error.hint))].join('; '),
    });
  }
  const path = `${specFolder}/${wanted.id}.yaml`;
  await ports.files.writeNewFile(`${root}/${path}`, encodeUtf8(text));
  return { path, text };
}
