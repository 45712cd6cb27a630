import type { WorkNews } from '../../../ports/worker.js';
import { type JsonRecord, textIn } from '../json-blocks.js';

const pathNames = ['path', 'file_path', 'filePath', 'absolute_path', 'file'];
const writing = /write|edit|create|patch|replace/i;

/** A tool call as news: the file when it writes one, else the tool with its command or path. */
export function tellTool(name: string, args: JsonRecord): readonly WorkNews[] {
  const path = pathNames.map((key) => textIn(args, key)).find((text) => text !== '') ?? '';
  if (path !== '' && writing.test(name)) return [{ kind: 'file', text: path }];
  const list = args['command'];
  const command = Array.isArray(list) ? list.join(' ') : textIn(args, 'command') || textIn(args, 'cmd');
  return [{ kind: 'tool', text: [name, command || path].filter((part) => part !== '').join(': ') }];
}
