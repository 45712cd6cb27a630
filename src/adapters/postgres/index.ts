export { openDatabase, type DatabaseOptions, type OpenDatabase } from './open-database.js';
export { stopServer } from './launcher/ensure-server.js';
export { appRole, grantEngineSchema } from './schema/grants.js';
export { toStoreFault } from './store-fault.js';
