import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FactStore } from '../../domain/ports/fact-store.js';
import type { GraphStore } from '../../domain/ports/graph-store.js';
import type { MetadataStore } from '../../domain/ports/metadata-store.js';
import { openSqliteDatabase, type SqliteDatabase } from './database.js';
import { loadSqliteDriver } from './driver.js';
import { FACT_MIGRATIONS } from './fact-schema.js';
import { createSqliteFactStore } from './fact-store.js';
import { GRAPH_MIGRATIONS } from './graph-schema.js';
import { createSqliteGraphStore } from './graph-store.js';
import { createSqliteMetadataStore } from './metadata-store.js';
import { storeError } from './store-errors.js';

/** The embedded stores of one folder. */
export interface SqliteStores {
  readonly graphStore: GraphStore;
  readonly metadataStore: MetadataStore;
  readonly factStore: FactStore;
  /** What runs it, for people. */
  readonly info: SqliteInfo;
  /** Closes all three; each may also be closed by itself, and more than once. */
  close(): Promise<void>;
}

export interface SqliteInfo {
  readonly driver: 'node:sqlite' | 'libsql';
  readonly sqliteVersion: string;
  /** Paths of the two databases. */
  readonly graphFile: string;
  readonly factFile: string;
}

export interface SqliteStoresRequest {
  /** Made if it is not there. A folder of the local machine: SQLite's locks do not hold over a network. */
  readonly folder: string;
  /** Milliseconds that a write waits for other processes before it fails with `store-busy`; default two minutes. */
  readonly lockTimeout?: number;
  /** Decides when a fact was put; default the system's time. */
  readonly now?: () => Date;
}

/**
 * Opens `graph.db` (graphs and metadata) and `facts.db` in a folder, making or migrating them where needed. Several processes may use one folder at once.
 * A folder that cannot be written to can be read. Throws `store-unavailable`, `store-too-new`, `store-corrupt`, `store-read-only`, `store-full`, `store-busy`.
 */
export async function createSqliteStores({ folder, lockTimeout = 120_000, now = () => new Date() }: SqliteStoresRequest): Promise<SqliteStores> {
  const driver = await loadSqliteDriver();
  await makeFolder(folder).catch((error: unknown) => {
    throw storeError(error, folder);
  });
  const open = (name: string, migrations: readonly string[]): Promise<SqliteDatabase> =>
    openSqliteDatabase({ driver, file: join(folder, `${name}.db`), lockFile: join(folder, `${name}.lock`), lockTimeout, migrations });
  const graph = await open('graph', GRAPH_MIGRATIONS);
  const facts = await open('facts', FACT_MIGRATIONS).catch(async (error: unknown) => {
    await graph.close();
    throw error;
  });

  let users = 2;
  const releaseGraph = async (): Promise<void> => {
    if (--users === 0) await graph.close();
  };
  const graphStore = createSqliteGraphStore({ database: graph, release: releaseGraph });
  const metadataStore = createSqliteMetadataStore({ database: graph, release: releaseGraph });
  const factStore = createSqliteFactStore({ database: facts, now, release: () => facts.close() });
  return {
    graphStore, metadataStore, factStore,
    info: { driver: driver.name, sqliteVersion: driver.sqliteVersion, graphFile: graph.file, factFile: facts.file },
    async close() {
      await Promise.all([graphStore.close(), metadataStore.close(), factStore.close()]);
    },
  };
}

/** A folder made here tells Git to pass over it: in a work tree the databases would be untracked files, and each run of index would change its own source. */
async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) await writeFile(join(folder, '.gitignore'), '*\n');
}
