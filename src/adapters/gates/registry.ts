import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '../sandbox/host-tools.js';
import { portOf } from './registry-proxy.js';

/** The package registries of this machine's npm, and what else is needed to reach them. */
export interface Registry {
  /** Registry for each scope; the key `registry` is the default one. */
  readonly urls: Readonly<Record<string, string>>;
  /** `host:port` of each. */
  readonly hosts: ReadonlySet<string>;
  readonly upstream: URL | null;
  /** File of certificates that npm is told to trust, null when it uses its own. */
  readonly caFile: string | null;
}

/** Reads npm's configuration away from any repository. Null when there is no npm. */
export async function readRegistry(): Promise<Registry | null> {
  const npm = findProgram('npm');
  if (npm === null) return null;
  const { stdout } = await promisify(execFile)(npm, ['config', 'list', '--json', '--long'], {
    cwd: '/',
    timeout: 30_000,
    maxBuffer: 4 * 1024 * 1024,
  });
  const settings: unknown = JSON.parse(stdout);
  const entries = typeof settings === 'object' && settings !== null ? Object.entries(settings) : [];
  const text = (key: string): string | null => {
    const value: unknown = entries.find(([name]) => name === key)?.[1];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const urls = Object.fromEntries(
    entries
      .filter(([key, value]) => (key === 'registry' || /^@[^:]+:registry$/.test(key)) && URL.canParse(String(value)))
      .map(([key, value]) => [key, String(value)]),
  );
  const proxy = text('https-proxy') ?? text('proxy');
  return {
    urls,
    hosts: new Set(Object.values(urls).map((url) => hostOf(new URL(url)))),
    upstream: proxy !== null && URL.canParse(proxy) && !isDirect(urls, text('noproxy')) ? new URL(proxy) : null,
    caFile: text('cafile'),
  };
}

function hostOf(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

/** True when npm would go to its default registry without the proxy. */
function isDirect(urls: Readonly<Record<string, string>>, noproxy: string | null): boolean {
  const host = URL.canParse(urls['registry'] ?? '') ? new URL(urls['registry'] ?? '').hostname : '';
  const names = (noproxy ?? '').split(',').map((name) => name.trim().replace(/^\*?\./, ''));
  return names.some((name) => name !== '' && (name === '*' || host === name || host.endsWith(`.${name}`)));
}
