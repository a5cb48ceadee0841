/** Stores in PostgreSQL: graphs, metadata and facts. Needs the packages pg and pg-copy-streams, which codeloom does not bring. */
export {
  createPostgresStores, dropPostgresStores, inspectPostgres,
  type PostgresInfo, type PostgresInspection, type PostgresStores, type PostgresStoresRequest,
} from './adapters/postgres/stores.js';
export type { PostgresAddress } from './adapters/postgres/address.js';
