import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assembleVerdict } from '../../src/core/caws/verdict/assemble-verdict.js';
import { facts } from '../../src/core/caws/verdict/fixtures/matter.js';
import { quantile } from '../speed/row.js';
import type { Home } from '../tasks/home.js';
import { product } from '../tasks/product.js';
import { type Row, rowOf } from '../tasks/row.js';
import { timed } from './appends.js';

const verdicts = 200;
const warmups = 20;

type Runtime = Awaited<ReturnType<Home['open']>>;

/** What signing and recording adds to a verdict: YAML and its signature, bundle, entry, proof, signed checkpoint, summary. */
export async function benchRecord(home: Home, { ledger }: Runtime): Promise<Row[]> {
  const [{ recordVerdict }, { recordBundle }] = await Promise.all([
    product<typeof import('../../src/app/verdict/record-verdict.js')>('app/verdict/record-verdict'),
    product<typeof import('../../src/app/verdict/record-bundle.js')>('app/verdict/record-bundle'),
  ]);
  const { files, keyring } = home.ports;
  const signer = await keyring.createKey(join(home.folder, 'verdict'), 'verdict', null);
  const logSigner = await keyring.createKey(join(home.folder, 'log'), 'log', null);
  const samples: number[] = [];
  const { others } = await timed(home, async () => {
    for (let number = 0; number < warmups + verdicts; number += 1) {
      const idBytes = Uint8Array.from({ length: 10 }, (_, at) => (at < 2 ? (number >> (8 * at)) & 0xff : at));
      const verdict = assembleVerdict(facts({ trust: 'enforcing', idBytes }));
      const outDir = join(home.folder, 'verdicts', String(number));
      await mkdir(outDir, { recursive: true });
      const startedMs = performance.now();
      await recordVerdict({ verdict, signer, outDir }, files);
      const { index } = await recordBundle({ verdict, signer, logSigner, outDir }, { files, ledger });
      if (index === null) throw new Error('the verdict was not recorded');
      if (number >= warmups) samples.push(performance.now() - startedMs);
    }
  });
  const remark = `others had ${(others * 100).toFixed(0)} % of the cores`;
  return [
    rowOf('sign and record a verdict, whole, median', quantile(samples, 0.5), 'ms', { below: 20 }, remark),
    rowOf('sign and record a verdict, whole, p95', quantile(samples, 0.95), 'ms', null, remark),
  ];
}
