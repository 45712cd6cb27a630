export { createBareSandbox } from './bare.js';
export { createBubblewrapSandbox } from './bubblewrap.js';
