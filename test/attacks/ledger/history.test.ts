import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appUrl } from '../../../src/adapters/postgres/launcher/probe-server.js';
import { storeFolders } from '../../../src/adapters/postgres/launcher/store-folders.js';
import { encodeEntry } from '../../../src/core/ledger/entry.js';
import { hashLeaf } from '../../../src/core/ledger/tree.js';
import { createPorts } from '../../../src/wiring.js';
import { runCommand } from '../../e2e/run-command.js';
import { createLedgerGround, type LedgerGround, type Said } from './ledger-ground.js';

// What whoever owns the database can do to the log: everything. What they cannot do: keep it from being seen.
let ground: LedgerGround;
let folder: string;
let size: number;
const at = (name: string): string => join(ground.world.home, name);

beforeAll(async () => {
  ground = await createLedgerGround();
  await ground.note('a', 'b', 'c', 'd', 'e');
  folder = await ground.judgeLogged({ 'src/postage.js': 'export const postage = 7;\n' });
  await ground.publish(folder);
  await ground.note('f', 'g', 'h');
  ({ size } = await ground.runtime.ledger.head());
  writeFileSync(at('pin'), await checkpoint());
});
afterAll(() => ground.close());

const verify = (...argv: string[]): Promise<Said> => ground.run('ledger', 'verify', ...argv);
const checkpoint = async (): Promise<string> =>
  (JSON.parse((await ground.run('ledger', 'show', '--json')).out) as { checkpoint: string }).checkpoint;
const refused = (said: Said, words: RegExp): void =>
  expect(said).toMatchObject({ code: 1, out: expect.stringMatching(words) as string });

/** The honest twin of every attack here: the log as it is. */
async function isGood(): Promise<void> {
  expect(await verify('--checkpoint', at('pin'))).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^VERIFIED [^]* ok {3}record: refs\/caws\/ledger:verdicts\//) as string,
  });
}

function flipped(bytes: Uint8Array, offset: number): Buffer {
  const changed = Buffer.from(bytes);
  const place = offset % changed.length;
  changed[place] = (changed[place] ?? 0) ^ 1;
  return changed;
}

describe('attack 1: one byte is edited', () => {
  it('honest twin: unedited, log and verdict verify', async () => {
    await isGood();
    expect(await ground.run('verdict', 'verify', join(folder, 'verdict.yaml'))).toMatchObject({ code: 0 });
  });

  it('of any entry: named by its index', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(size - 1), fc.nat(65_535), async (index, offset) => {
        const bytes = flipped((await ground.runtime.ledger.read(index)).bytes, offset);
        const change = (owner: Client) =>
          owner.query('update arbiter.ledger_entries set bytes = $2 where index = $1', [index, bytes]);
        refused(await ground.tampered(change, verify), new RegExp(`FAIL log: entry ${index} was changed`));
      }),
      { numRuns: 12 },
    );
  });

  it('of any leaf: named by its index, or as the tree that no longer fits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(size - 1), fc.nat(31), async (index, offset) => {
        const leaf = flipped((await ground.runtime.ledger.read(index)).leaf, offset);
        const change = (owner: Client) =>
          owner.query('update arbiter.ledger_entries set leaf = $2 where index = $1', [index, leaf]);
        refused(await ground.tampered(change, verify), new RegExp(`FAIL log: entry ${index} was changed`));
      }),
      { numRuns: 6 },
    );
  });

  it('of an entry and of its leaf, so that they agree: the next one names another before it', async () => {
    const bytes = Buffer.from(
      new TextDecoder().decode((await ground.runtime.ledger.read(2)).bytes).replace('"c"', '"x"'),
    );
    const change = (owner: Client) =>
      owner.query('update arbiter.ledger_entries set bytes = $1, leaf = $2 where index = 2', [bytes, hashLeaf(bytes)]);
    refused(await ground.tampered(change, verify), /FAIL log: entry 3 does not follow entry 2/);
  });

  it.each(['verdict.yaml', 'verdict.yaml.sig', 'verdict.sigstore.json', 'change.diff'])(
    'of %s: not verified',
    async (name) => {
      const copy = at(`copy-${name}`);
      mkdirSync(copy);
      const files = ['verdict.yaml', 'verdict.yaml.sig', 'verdict.sigstore.json', 'change.diff'];
      for (const file of files) writeFileSync(join(copy, file), readFileSync(join(folder, file)));
      // Without the log's key, what the bundle says of the log is neither passed nor failed.
      const { log_key: logKey } = JSON.parse((await ground.run('ledger', 'show', '--json')).out) as { log_key: string };
      writeFileSync(join(copy, 'log.key'), logKey);
      const verifyCopy = () =>
        ground.run('verdict', 'verify', join(copy, 'verdict.yaml'), '--log-key', join(copy, 'log.key'));
      const whole = readFileSync(join(folder, name));
      // The last newline of an armored signature is nobody's: base64 says where it ends.
      const most = name.endsWith('.sig') ? whole.length - 1 : whole.length;
      await fc.assert(
        fc.asyncProperty(fc.nat(most - 1), async (offset) => {
          writeFileSync(join(copy, name), flipped(whole, offset));
          refused(await verifyCopy(), /NOT VERIFIED[^]*FAIL/);
        }),
        { numRuns: 15 },
      );
      writeFileSync(join(copy, name), whole);
      expect(await verifyCopy()).toMatchObject({ code: 0 });
    },
  );
});

describe('attack 2: a middle leaf is deleted', () => {
  it('honest twin: none is', isGood);

  it('is named by its index', async () => {
    const change = (owner: Client) => owner.query('delete from arbiter.ledger_entries where index = 3');
    refused(await ground.tampered(change, verify), /FAIL log: entry 3 is missing: 4 stands in its place/);
  });

  it('and the others move up: the one in its place does not follow', async () => {
    const change = async (owner: Client): Promise<void> => {
      await owner.query('delete from arbiter.ledger_entries where index = 3');
      await owner.query('update arbiter.ledger_entries set index = -index where index > 3');
      await owner.query('update arbiter.ledger_entries set index = -index - 1 where index < 0');
    };
    const loosen = async (owner: Client): Promise<void> => {
      await owner.query('alter table arbiter.ledger_entries drop constraint ledger_entries_index_check');
      await change(owner);
      await owner.query(
        'alter table arbiter.ledger_entries add constraint ledger_entries_index_check check (index >= 0)',
      );
    };
    refused(await ground.tampered(loosen, verify), /FAIL log: entry 3 does not follow entry 2/);
  });
});

const cut = (from: number) => async (owner: Client) => {
  await owner.query('delete from arbiter.ledger_entries where index >= $1', [from]);
  await owner.query('delete from arbiter.ledger_nodes where ((index + 1) << level) > $1', [from]);
};

describe('attack 3: the tail is truncated', () => {
  it('honest twin: the log has only grown since the checkpoint', isGood);

  it('below what the repository keeps: named by the record, without a checkpoint at hand', async () => {
    refused(
      await ground.tampered(cut(5), verify),
      /FAIL record: refs\/caws\/ledger:verdicts\/\w{26}\/verdict\.sigstore\.json: .* it has 5 entries, and 6 were seen/,
    );
  });

  it('by one entry: named by the checkpoint that was kept', async () => {
    const said = await ground.tampered(cut(size - 1), () => verify('--checkpoint', at('pin')));
    refused(
      said,
      new RegExp(`FAIL log: it ends after ${size - 1} entries, and .*pin has ${size}: its tail is missing`),
    );
    refused(said, /FAIL consistency: .*the log was cut, or this is an old state/);
  });
});

describe('attack 4: two entries change places', () => {
  it('honest twin: they stand in their order', isGood);

  it('is named where the order breaks', async () => {
    const change = (owner: Client) =>
      owner.query(`update arbiter.ledger_entries e set bytes = o.bytes, leaf = o.leaf
        from kept_ledger_entries o where e.index in (2, 3) and o.index = 5 - e.index`);
    refused(await ground.tampered(change, verify), /FAIL log: entry 2 does not follow entry 1: it names another one/);
  });
});

describe('attack 5: an entry is filled in later', () => {
  it('honest twin: one at the end is', async () => {
    await ground.note(`late-${size}`);
    await isGood();
    ({ size } = await ground.runtime.ledger.head());
  });

  it('in the middle, with the right entry before it: the next one gives it away', async () => {
    const before = Buffer.from((await ground.runtime.ledger.read(2)).leaf).toString('hex');
    const bytes = encodeEntry({ apiVersion: '0.0.1', kind: 'note', spec: { word: 'always here' } }, before);
    const change = (owner: Client) =>
      owner.query(
        `update arbiter.ledger_entries set bytes = $1, leaf = $2, at_ms = 1, key = 'note/always' where index = 3`,
        [Buffer.from(bytes), Buffer.from(hashLeaf(bytes))],
      );
    refused(await ground.tampered(change, verify), /FAIL log: entry 4 does not follow entry 3/);
  });

  it('by the role that Arbiter works as: the database refuses, as it does to change or delete', async () => {
    const folders = storeFolders(ground.ports.places.stateHome);
    const secrets = JSON.parse(readFileSync(folders.secrets, 'utf8')) as { owner: string; app: string };
    const role = new Client({ connectionString: appUrl(folders, secrets, 'arbiter') });
    await role.connect();
    const asked = (statement: string): Promise<unknown> => role.query(statement);
    try {
      const fill = `insert into arbiter.ledger_entries select 3, 'x', bytes, leaf, 1 from arbiter.ledger_entries where index = 2`;
      await expect(asked(fill)).rejects.toThrow(/duplicate key/);
      await expect(asked(`update arbiter.ledger_entries set at_ms = 1`)).rejects.toThrow(/permission denied/);
      await expect(asked('delete from arbiter.ledger_entries')).rejects.toThrow(/permission denied/);
      await expect(asked('truncate arbiter.ledger_nodes')).rejects.toThrow(/permission denied/);
      await expect(asked('set session_replication_role = replica')).rejects.toThrow(/permission denied/);
    } finally {
      await role.end();
    }
  });
});

describe('attack 6: an older database is restored, with the older checkpoint that goes with it', () => {
  it('is named by the repository’s record, and nothing is published or recorded upon it; the newest is welcome', async () => {
    const old = at('old.backup');
    expect(await ground.run('db', 'backup', old)).toMatchObject({ code: 0 });
    const later = await ground.judgeLogged({ 'src/postage.js': 'export const postage = 8;\n' });
    await ground.publish(later);
    const newest = at('newest.backup');
    expect(await ground.run('db', 'backup', newest)).toMatchObject({ code: 0 });
    ({ size } = await ground.runtime.ledger.head());
    const restored = async (
      backup: string,
      state: string,
      use: (run: (...argv: string[]) => Promise<Said>) => Promise<void>,
    ) => {
      const environment = { ARBITER_FSYNC: 'off', HOME: ground.world.home, XDG_STATE_HOME: at(state) };
      const ports = { ...ground.ports, ...createPorts(environment, '0.0.0-test') };
      try {
        expect(await runCommand(ports, ground.clone, ['db', 'restore', backup])).toMatchObject({ code: 0 });
        await use((...argv) => runCommand(ports, ground.clone, argv));
      } finally {
        await ports.runtime.stopServer();
      }
    };
    await restored(old, 'old', async (run) => {
      // In itself it is a good log, and its checkpoint is signed by the very key.
      expect(await run('ledger', 'verify', '-C', ground.clone)).toMatchObject({
        code: 1,
        out: expect.stringMatching(
          /ok {3}log: [^]*FAIL record: refs\/caws\/ledger:verdicts\/.* and \d+ were seen before/,
        ) as string,
      });
      const refusedHere = await run('publish', later, '-C', ground.clone);
      expect(refusedHere).toMatchObject({ code: 4 });
      expect(refusedHere.err).toMatch(/the store is older than what it has proved: refs\/caws\/ledger:verdicts\//);
      expect(refusedHere.err).toMatch(/restore the newest backup/);
    });
    await restored(newest, 'newest', async (run) => {
      expect(await run('ledger', 'verify')).toMatchObject({ code: 0 });
      expect(await run('publish', later)).toMatchObject({ code: 0 });
    });
  });
});

/** A witness on another machine, which has seen the log as it is. */
async function witnessed(): Promise<(remote: string) => Promise<Said>> {
  const key = at(`witness-${size}-${Math.trunc(performance.now())}`);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const see = (remote: string) =>
    ground.run(
      'ledger',
      'witness',
      '--remote',
      remote,
      '--key',
      key,
      '--state',
      `${key}.seen`,
      '--name',
      'witness.test',
    );
  const honest = `${key}.log`;
  expect(await ground.run('ledger', 'export', honest)).toMatchObject({ code: 0 });
  expect(await see(honest)).toMatchObject({ code: 0, out: expect.stringMatching(/^cosigned/) as string });
  return see;
}

/** The whole log written anew with the stolen log key, through the sequencer itself. */
async function rewritten(entries: number, use: () => Promise<void>): Promise<void> {
  const words = Array.from({ length: entries }, (_, index) => `${index === 2 ? 'another' : 'word'}-${index}`);
  await ground.tampered(async (owner) => {
    await owner.query('delete from arbiter.ledger_entries');
    await owner.query('delete from arbiter.ledger_nodes');
    await ground.note(...words);
  }, use);
}

describe('attack 7: two readers are told two histories', () => {
  it('the witness refuses a second root at one size; its twin is the same log twice', async () => {
    const see = await witnessed();
    const twin = at('twin.log');
    expect(await ground.run('ledger', 'export', twin)).toMatchObject({ code: 0 });
    expect(await see(twin)).toMatchObject({ code: 0 });
    await rewritten(size, async () => {
      const other = at('other.log');
      expect(await ground.run('ledger', 'export', other)).toMatchObject({ code: 0 });
      expect(await ground.run('ledger', 'verify', '--remote', other)).toMatchObject({ code: 0 });
      refused(
        await see(other),
        new RegExp(`NOT COSIGNED .*: a second root at ${size} entries: the log tells two histories`),
      );
    });
  });
});

describe('attack 12: verdict key and log key are stolen together', () => {
  it('honest twin: the owner’s log grows, and is cosigned again', async () => {
    const see = await witnessed();
    await ground.note(`grown-${size}`);
    ({ size } = await ground.runtime.ledger.head());
    const grown = at('grown.log');
    expect(await ground.run('ledger', 'export', grown)).toMatchObject({ code: 0 });
    expect(await see(grown)).toMatchObject({ code: 0 });
  });

  it('a longer log written anew is good in itself, and refused by witness, kept checkpoint and record', async () => {
    const see = await witnessed();
    await rewritten(size + 20, async () => {
      const forged = at('forged.log');
      expect(await ground.run('ledger', 'export', forged)).toMatchObject({ code: 0 });
      expect(await ground.run('ledger', 'verify', '--remote', forged)).toMatchObject({ code: 0 });
      refused(
        await see(forged),
        /NOT COSIGNED .*do not begin with the \d+ that were seen before: the log was rewritten/,
      );
      const said = await verify('--checkpoint', at('pin'));
      refused(said, /FAIL consistency: .*the log was rewritten/);
      refused(said, /FAIL record: refs\/caws\/ledger:.*the log was rewritten/);
    });
    await isGood();
  });
});

describe('attack 15: two parsers read two things', () => {
  const copy = async (name: string, change: (text: string) => string): Promise<Said> => {
    const target = at(`parsed-${Math.trunc(performance.now() * 1000)}`);
    mkdirSync(target);
    for (const file of ['verdict.yaml', 'verdict.yaml.sig', 'verdict.sigstore.json', 'change.diff'])
      writeFileSync(join(target, file), readFileSync(join(folder, file)));
    const changed = Buffer.from(change(readFileSync(join(folder, name), 'utf8')));
    writeFileSync(join(target, name), changed);
    // The verdict key signs whatever it is given: what two readers see is for the form to refuse.
    if (name === 'verdict.yaml')
      writeFileSync(join(target, 'verdict.yaml.sig'), await ground.verdictKey.sign('caws-verdict', changed));
    return ground.run('verdict', 'verify', join(target, 'verdict.yaml'));
  };

  it('honest twin: the one spelling verifies', async () => {
    expect(await copy('verdict.yaml', (text) => text)).toMatchObject({ code: 0 });
  });

  it.each<[string, (text: string) => string]>([
    ['a key twice', (text) => `${text}verdict: FAIL\n`],
    ['an anchor and its alias', (text) => text.replace(/^verdict: .*$/m, 'verdict: &v PASS')],
    ['a tag', (text) => text.replace(/^version: (\d)$/m, 'version: !!int "$1"')],
    ['a float', (text) => text.replace(/^version: (\d)$/m, 'version: $1.0')],
    ['a second document', (text) => `${text}---\nverdict: FAIL\n`],
    ['a comment', (text) => `${text}# PASS\n`],
    ['Windows line ends', (text) => text.replaceAll('\n', '\r\n')],
    ['a byte order mark', (text) => `\uFEFF${text}`],
  ])('verdict.yaml with %s, signed by the verdict key itself', async (_, change) => {
    refused(await copy('verdict.yaml', change), /FAIL form: it is not (?:strict YAML|a verdict|written as Arbiter)/);
  });

  it.each<[string, (text: string) => string]>([
    ['a key twice', (text) => text.replace('{', '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",')],
    ['another spelling of a letter', (text) => text.replace('"mediaType"', String.raw`"\u006dediaType"`)],
    ['a blank', (text) => text.replace('{', '{ ')],
    ['a key that nobody asked for', (text) => text.replace('{', '{"also":1,')],
  ])('the bundle with %s', async (_, change) => {
    refused(await copy('verdict.sigstore.json', change), /FAIL bundle: it is not a bundle as Arbiter writes it/);
  });
});

describe('attack 20: an entry is too large for the log', () => {
  const entryOf = (key: string, words: number) => ({
    key,
    draft: { apiVersion: '0.0.1', kind: 'note', spec: { words: 'w'.repeat(words) } },
  });
  const frame = encodeEntry(entryOf('', 0).draft, '0'.repeat(64)).length;

  it('honest twin: one of the largest size is taken', async () => {
    const [placed] = await ground.runtime.ledger.append([entryOf('note/full', 65_535 - frame)]);
    expect(placed?.bytes).toHaveLength(65_535);
  });

  it('is refused with its size, and nothing that came with it is recorded', async () => {
    const { size: before } = await ground.runtime.ledger.head();
    const asked = ground.runtime.ledger.append([entryOf('note/small', 1), entryOf('note/huge', 65_536 - frame)]);
    await expect(asked).rejects.toMatchObject({
      code: 'LEDGER_ENTRY_TOO_LARGE',
      message: expect.stringMatching(/"note\/huge" has 65536 bytes, and the ledger takes 65535/) as string,
    });
    expect(await ground.runtime.ledger.head()).toMatchObject({ size: before });
    expect(await ground.runtime.ledger.find('note/small')).toBeNull();
  });
});
