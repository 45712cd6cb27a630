export { createBareSandbox } from './bare.js';
export { createBubblewrapSandbox } from './bubblewrap.js';
export { killAbandonedProcesses } from './abandoned-processes.js';
