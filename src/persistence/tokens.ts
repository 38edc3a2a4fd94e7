/**
 * Name of the host's own data source: `@InjectRepository(Module, HOST_DATA_SOURCE)`, `@InjectDataSource(HOST_DATA_SOURCE)`.
 * It is named so that a docked module that asks for the unnamed one never gets the host's by mistake.
 */
export const HOST_DATA_SOURCE = 'host';

/** Injection token of the open {@link import('./host-database.js').HostDatabase}. */
export const HOST_DATABASE = Symbol('HostDatabase');

/** Injection token of the host's own {@link import('./leasing/lease-pool.js').LeasePool}. */
export const HOST_POOL = Symbol('HostPool');
