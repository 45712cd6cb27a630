/** Port of the sandbox's own loopback on which the relay listens. */
export const relayPort = 8118;

/**
 * A program for `node -e` that runs inside a sandbox without a network: it joins the sandbox's loopback to a Unix socket
 * mounted into it, starts the command given and ends with its exit code. Arguments: socket, command.
 */
export const relayProgram = `
const net = require('node:net');
const { spawn } = require('node:child_process');
const [socket, command, ...args] = process.argv.slice(1);
const relay = net.createServer((inner) => {
  const outer = net.connect(socket);
  inner.on('error', () => outer.destroy());
  outer.on('error', () => inner.destroy());
  inner.pipe(outer).pipe(inner);
});
relay.listen(${relayPort}, '127.0.0.1', () => {
  const child = spawn(command, args, { stdio: 'inherit' });
  child.on('error', (error) => { console.error(String(error)); process.exit(127); });
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128));
});
`;
