// PostgreSQL beside bare calls of its driver: the rows that the store wrote, put by COPY in one transaction into tables that are the same.
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { createPostgresStores, dropPostgresStores } from '../../dist/postgres.js';

/** Bytes to a piece that is sent. */
const PIECE = 64 << 10;
/** Values as the server writes them, so that they can be written again as they are. */
const AS_TEXT = { getTypeParser: () => (value) => value };

export async function openPostgres(url) {
  const schema = `bench_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const stores = await createPostgresStores({ url, schema });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const all = async (text, values) => (await client.query({ text, values, rowMode: 'array', types: AS_TEXT })).rows;
  const tables = (await all("SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename LIKE 'graph\\_%' AND tablename NOT IN ('graph_node_kind', 'graph_edge_kind', 'graph_reason') ORDER BY tablename", [schema])).map(([name]) => name);
  const copies = [];
  let since = 0;

  return {
    version: `PostgreSQL ${stores.info.serverVersion}`,
    stores,
    async mark() {
      [[since]] = await all('SELECT txid_current()');
    },
    async rows() {
      const batches = [];
      for (const table of tables) {
        const rows = await all(`SELECT * FROM ${schema}.${table} WHERE xmin::text::bigint > $1`, [since]);
        if (rows.length > 0) batches.push({ table, rows });
      }
      return batches;
    },
    count: (batches) => batches.reduce((sum, { rows }) => sum + rows.length, 0),
    async bare(batches, before = []) {
      const copy = `${schema}_${copies.length}`;
      copies.push(copy);
      await client.query(`CREATE SCHEMA ${copy}`);
      for (const table of tables) await client.query(`CREATE TABLE ${copy}.${table} (LIKE ${schema}.${table} INCLUDING ALL)`);
      const put = async (given) => {
        await client.query('BEGIN');
        for (const { table, rows } of given) await copyRows(`${copy}.${table}`, rows);
        await client.query('COMMIT');
      };
      // What was there, without what has since been written in its place: an update is a row of its own.
      const changed = new Map(batches.map(({ table, rows }) => [table, new Set(rows.map((row) => row.slice(0, KEYS[table] ?? 1).join('\n')))]));
      await put(before.map(({ table, rows }) => ({ table, rows: rows.filter((row) => !changed.get(table)?.has(row.slice(0, KEYS[table] ?? 1).join('\n'))) })));
      await client.query('ANALYZE');
      return { run: () => put(batches), close: async () => undefined };
    },
    bytes: async () => Number((await all('SELECT sum(pg_total_relation_size(format(\'%I.%I\', schemaname, tablename)::regclass)) FROM pg_tables WHERE schemaname = $1', [schema]))[0][0]),
    roundTrip: () => client.query({ name: 'one', text: 'SELECT 1' }),
    async close() {
      for (const copy of copies) await client.query(`DROP SCHEMA ${copy} CASCADE`);
      await client.end();
      await stores.close();
      await dropPostgresStores({ url, schema });
    },
  };

  async function copyRows(table, rows) {
    const stream = client.query(copyFrom(`COPY ${table} FROM STDIN`));
    let piece = '';
    for (const row of rows) {
      piece += `${row.map(field).join('\t')}\n`;
      if (piece.length < PIECE) continue;
      if (!stream.write(piece)) await once(stream, 'drain');
      piece = '';
    }
    stream.end(piece);
    await finished(stream);
  }
}

/** Columns by which a row is known, where it is not the first alone. */
const KEYS = { graph_member: 3, graph_node: 2, graph_edge: 6, graph_unresolved: 2 };

/** As COPY reads it: https://www.postgresql.org/docs/current/sql-copy.html */
function field(value) {
  return value === null ? '\\N' : value.replace(/[\\\t\n\r]/g, (character) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[character]);
}
