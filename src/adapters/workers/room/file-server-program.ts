/** The biggest file that is read or written on behalf of an agent. */
export const mostFileBytes = 16 * 1024 * 1024;

/**
 * A program for `node -e` that reads and writes files for Arbiter inside a sandbox. A request is a line of JSON
 * (`op`, `root`, `path`, `size`) and, for a write, `size` bytes; an answer is a line of JSON (`size`, `absent` or `error`)
 * and, for a read, `size` bytes. Folders are opened one below the other, each by the one before it and never through a
 * symlink, so that a path cannot come to mean another place while it is walked, with or without walls around. For a read
 * the links of the path are resolved before, and must end inside the root. Nobody is waited for: a FIFO is no file.
 */
export const fileServerProgram = `
const fs = require('node:fs');
const { O_RDONLY, O_WRONLY, O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
const most = ${mostFileBytes};
const hasProc = fs.existsSync('/proc/self/fd');
const at = (folder, name) => (hasProc ? '/proc/self/fd/' + folder.fd : folder.path) + '/' + name;
const refuse = (message) => { throw Object.assign(new Error(message), { code: 'EREFUSED' }); };

function enter(root, names, make) {
  let folder = { fd: fs.openSync(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path: root };
  for (const name of names) {
    const path = at(folder, name);
    try {
      if (make) {
        try { fs.mkdirSync(path); } catch (error) { if (error.code !== 'EEXIST') throw error; }
      }
      const next = { fd: fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path: folder.path + '/' + name };
      fs.closeSync(folder.fd);
      folder = next;
    } catch (error) {
      fs.closeSync(folder.fd);
      throw error;
    }
  }
  return folder;
}

function withFile(root, names, flags, make, use) {
  const last = names.pop();
  const folder = enter(root, names, make);
  let file;
  try {
    file = fs.openSync(at(folder, last), flags | O_NOFOLLOW | O_NONBLOCK, 0o644);
    const stat = fs.fstatSync(file);
    if (!stat.isFile()) refuse('it is no regular file');
    return use(file, stat);
  } finally {
    if (file !== undefined) fs.closeSync(file);
    fs.closeSync(folder.fd);
  }
}

function read(root, path) {
  const real = fs.realpathSync(root + '/' + path);
  if (!real.startsWith(root + '/')) refuse('a link leads outside');
  return withFile(root, real.slice(root.length + 1).split('/'), O_RDONLY, false, (file, stat) => {
    if (stat.size > most) refuse('it has more than ' + most + ' bytes');
    return fs.readFileSync(file);
  });
}

function write(root, path, bytes) {
  withFile(root, path.split('/'), O_WRONLY | O_CREAT, true, (file) => {
    fs.ftruncateSync(file, 0);
    for (let done = 0; done < bytes.length;) done += fs.writeSync(file, bytes, done);
  });
}

function answer(request, bytes) {
  try {
    const root = fs.realpathSync(request.root);
    if (request.op === 'write') {
      write(root, request.path, bytes);
      return [{ size: 0 }];
    }
    const content = read(root, request.path);
    return [{ size: content.length }, content];
  } catch (error) {
    if (request.op === 'read' && ['ENOENT', 'ENOTDIR'].includes(error.code)) return [{ absent: true }];
    const links = ['ELOOP', 'ENOTDIR'].includes(error.code) ? 'a link or a file stands where a folder should be' : null;
    return [{ error: error.code === 'EREFUSED' ? error.message : links || error.code || String(error) }];
  }
}

function say(bytes) {
  for (let done = 0; done < bytes.length;) {
    try { done += fs.writeSync(1, bytes, done); }
    catch (error) { if (error.code !== 'EAGAIN') throw error; }
  }
}

let pending = Buffer.alloc(0);
let request = null;
process.stdin.on('data', (chunk) => {
  pending = Buffer.concat([pending, chunk]);
  for (;;) {
    if (request === null) {
      const end = pending.indexOf(10);
      if (end < 0) return;
      request = JSON.parse(pending.subarray(0, end).toString());
      pending = pending.subarray(end + 1);
    }
    if (pending.length < request.size) return;
    const [head, body] = answer(request, pending.subarray(0, request.size));
    pending = pending.subarray(request.size);
    request = null;
    say(Buffer.concat([Buffer.from(JSON.stringify(head) + '\\n'), body || Buffer.alloc(0)]));
  }
});
process.stdin.on('end', () => process.exit(0));
`;
