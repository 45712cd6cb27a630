import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findInstalled } from './find-installed.js';
import { knownPrograms } from './known-programs.js';
import { locateProgram, packagedVersion } from './locate-program.js';
import { suggestProfile } from './suggest-profile.js';

let top = '';
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'programs-')));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function put(path: string, text: string): string {
  const file = join(top, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}
function link(path: string, target: string): void {
  mkdirSync(dirname(join(top, path)), { recursive: true });
  symlinkSync(target, join(top, path));
}

/** A program as npm installs it for everyone. */
function putPackage(name: string, text = '#!/usr/bin/env node\n'): string {
  const file = put(`lib/node_modules/@a/${name}/dist/cli.js`, text);
  put(`lib/node_modules/@a/${name}/package.json`, JSON.stringify({ name, version: '4.5.6' }));
  link(`bin/${name}`, `../lib/node_modules/@a/${name}/dist/cli.js`);
  return file;
}

describe('locateProgram', () => {
  it('shows the whole tree of a package, and runs it by the node beside its link', () => {
    const cli = putPackage('pi');
    const node = put('bin/node', '');
    const found = locateProgram('pi', join(top, 'bin'));
    expect(found?.argv).toEqual([node, cli]);
    expect(found?.pathFolders).toEqual([join(top, 'bin')]);
    expect(found?.shown).toContain(join(top, 'lib/node_modules'));
    expect(packagedVersion(cli)).toBe('4.5.6');
  });

  it('runs it by our own node where no other is', () => {
    putPackage('pi');
    expect(locateProgram('pi', join(top, 'bin'))?.argv[0]).toBe(process.execPath);
  });

  it('shows a native program alone, never the folder that it lies in', () => {
    const file = put('home/.local/share/claude/versions/2.0.0', '\u007fELF');
    link('home/.local/bin/claude', file);
    expect(locateProgram('claude', join(top, 'home/.local/bin'))).toEqual({
      path: file,
      argv: [file],
      pathFolders: [],
      shown: [file],
    });
  });

  it('shows the virtual environment of a Python tool', () => {
    const file = put('venvs/aider/bin/aider', `#!${top}/venvs/aider/bin/python\n`);
    put('venvs/aider/pyvenv.cfg', '');
    link('bin/aider', file);
    expect(locateProgram('aider', join(top, 'bin'))?.shown).toEqual([file, join(top, 'venvs/aider')]);
  });

  it('finds nothing where nothing is', () => {
    expect(locateProgram('pi', join(top, 'bin'))).toBeNull();
  });
});

describe('findInstalled', () => {
  it('lists what is known, with versions, in the order of the table', async () => {
    putPackage('pi');
    putPackage('claude-agent-acp');
    put('bin/codex', '#!/bin/sh\necho "codex-cli 0.1.2"\n');
    put('bin/gemini', '#!/bin/sh\nexec sleep 60\n');
    put('bin/unknown-agent', '#!/bin/sh\n');
    const began = performance.now();
    const found = await findInstalled(join(top, 'bin'), new AbortController().signal);
    expect(found.map(({ program, kind, version }) => [program, kind, version])).toEqual([
      ['pi', 'cli', '4.5.6'],
      ['codex', 'cli', '0.1.2'],
      ['claude', 'acp', '4.5.6'],
      ['gemini', 'cli', 'unknown'],
      ['gemini', 'acp', 'unknown'],
    ]);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe('suggestProfile', () => {
  it('has a profile for each side of each known program, and for nothing else', () => {
    for (const program of knownPrograms)
      for (const kind of ['cli', 'acp'] as const) {
        const profile = suggestProfile(program.name, kind);
        expect(profile === null).toBe(program[kind] === null);
        if (profile !== null) expect(program.speaks).toContain(profile.endpoint?.protocol);
      }
    expect(suggestProfile('nobody', 'cli')).toBeNull();
  });
});
