// SQLite beside bare calls of its driver: the rows that the store wrote, put by prepared statements in one transaction into tables that are the same.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSqliteDriver } from '../../dist/adapters/sqlite/driver.js';
import { createSqliteStores } from '../../dist/adapters/sqlite/stores.js';

export async function openSqlite() {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-bench-'));
  const driver = await loadSqliteDriver();
  const stores = await createSqliteStores({ folder });
  const file = stores.info.graphFile;
  const asker = driver.open(file, 'read-write');
  const tables = () => asker.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT IN ('node_kind', 'edge_kind', 'unresolved_reason')").map(([name]) => name);
  let earlier;
  let copies = 0;

  return {
    version: `SQLite ${driver.sqliteVersion} by ${driver.name}`,
    stores,
    /** Remembers what is there, so that {@link rows} gives what has come since. */
    async mark() {
      asker.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      earlier = join(folder, `earlier-${copies++}.db`);
      copyFileSync(file, earlier);
    },
    async rows() {
      if (earlier !== undefined) asker.exec(`ATTACH '${earlier}' AS earlier`);
      const rows = tables().map((table) => ({ table, rows: asker.all(`SELECT * FROM main.${table}${earlier === undefined ? '' : ` EXCEPT SELECT * FROM earlier.${table}`}`) }));
      if (earlier !== undefined) asker.exec('DETACH earlier');
      return rows.filter((each) => each.rows.length > 0);
    },
    count: (batches) => batches.reduce((sum, { rows }) => sum + rows.length, 0),
    /** Puts the rows, beside those that were there before them. Gives a function for the time that is measured. */
    async bare(batches, before = []) {
      const target = driver.open(join(folder, `bare-${copies++}.db`), 'read-write');
      target.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      for (const [sql] of asker.all("SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type DESC")) target.exec(sql);
      const put = (given) => {
        target.exec('BEGIN IMMEDIATE');
        for (const { table, rows } of given) {
          const insert = `INSERT OR REPLACE INTO ${table} VALUES (${rows[0].map(() => '?').join(', ')})`;
          for (const row of rows) target.run(insert, row);
        }
        target.exec('COMMIT');
      };
      put(before);
      return { run: async () => put(batches), close: async () => target.close() };
    },
    bytes: async () => asker.all('SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()')[0][0],
    roundTrip: async () => asker.all('SELECT 1'),
    async close() {
      asker.close();
      await stores.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
