import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import { type Neo4jConnection, whole } from './connection.js';

/**
 * What each version of the schema adds, explained for its readers in docs/neo4j-schema.md. A released version is never changed: a new one is added behind it. Every
 * statement can be run again, and by several at once, without harm: that is what makes starting together safe. Names begin with `codeloom_`, so that
 * nothing of another application in the same database is touched.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    'CREATE CONSTRAINT codeloom_space IF NOT EXISTS FOR (n:Space) REQUIRE n.name IS UNIQUE',
    'CREATE CONSTRAINT codeloom_symbol IF NOT EXISTS FOR (n:Symbol) REQUIRE (n.space, n.id) IS UNIQUE',
    'CREATE INDEX codeloom_symbol_name IF NOT EXISTS FOR (n:Symbol) ON (n.space, n.name)',
    'CREATE INDEX codeloom_symbol_qualified_name IF NOT EXISTS FOR (n:Symbol) ON (n.space, n.qualifiedName)',
    'CREATE INDEX codeloom_variant IF NOT EXISTS FOR (n:Variant) ON (n.space)',
    'CREATE CONSTRAINT codeloom_name IF NOT EXISTS FOR (n:Name) REQUIRE (n.space, n.name) IS UNIQUE',
    'CREATE CONSTRAINT codeloom_partition IF NOT EXISTS FOR (n:Partition) REQUIRE n.number IS UNIQUE',
    'CREATE CONSTRAINT codeloom_partition_digest IF NOT EXISTS FOR (n:Partition) REQUIRE (n.space, n.digest) IS UNIQUE',
    'CREATE INDEX codeloom_partition_path IF NOT EXISTS FOR (n:Partition) ON (n.space, n.path)',
    'CREATE CONSTRAINT codeloom_snapshot IF NOT EXISTS FOR (n:Snapshot) REQUIRE n.number IS UNIQUE',
    'CREATE CONSTRAINT codeloom_snapshot_id IF NOT EXISTS FOR (n:Snapshot) REQUIRE (n.space, n.id) IS UNIQUE',
    'CREATE INDEX codeloom_snapshot_repository IF NOT EXISTS FOR (n:Snapshot) ON (n.space, n.repository)',
    'CREATE CONSTRAINT codeloom_head IF NOT EXISTS FOR (n:Head) REQUIRE (n.space, n.repository, n.branch) IS UNIQUE',
    'CREATE CONSTRAINT codeloom_reader IF NOT EXISTS FOR (n:Reader) REQUIRE n.id IS UNIQUE',
    'CREATE INDEX codeloom_reader_snapshot IF NOT EXISTS FOR (n:Reader) ON (n.snapshot)',
  ],
];

/** The node that holds the version, and the next free number. */
const ROOT = 'codeloom';

/** Brings the database to this codeloom's schema. Throws `store-too-new`, before it changes anything, when a newer one has been there. */
export async function migrate(connection: Neo4jConnection, migrations: readonly (readonly string[])[] = MIGRATIONS, options?: CallOptions): Promise<void> {
  const version = await versionOf(connection, options);
  if (version > migrations.length) {
    throw new CodeloomError('store-too-new', `The Neo4j database has schema ${version} of a newer codeloom; this one knows ${migrations.length}. Upgrade codeloom.`, { details: { version, known: migrations.length } });
  }
  if (version === migrations.length) return;
  await add(connection, 'CREATE CONSTRAINT codeloom_root IF NOT EXISTS FOR (n:CodeloomSchema) REQUIRE n.name IS UNIQUE', options);
  for (const [index, statements] of migrations.entries()) {
    if (index < version) continue;
    for (const statement of statements) await add(connection, statement, options);
    await connection.schema('CALL db.awaitIndexes(300)', options);
    await connection.transaction((run) => run(
      `MERGE (n:CodeloomSchema {name: $name}) ON CREATE SET n.version = 0, n.next = 1
      SET n.version = CASE WHEN n.version < $version THEN $version ELSE n.version END`,
      { name: ROOT, version: whole(index + 1) },
    ), options);
  }
}

/** Runs a statement that adds something IF NOT EXISTS; two at once can still both find it missing, and then one of them fails. */
async function add(connection: Neo4jConnection, statement: string, options: CallOptions | undefined): Promise<void> {
  try {
    await connection.schema(statement, options);
  } catch (error) {
    if (error instanceof CodeloomError && /^Neo\.ClientError\.Schema\.\w*AlreadyExists$/.test(String(error.details.status))) return;
    throw error;
  }
}

/** 0 in a database that codeloom has not been in. */
async function versionOf(connection: Neo4jConnection, options: CallOptions | undefined): Promise<number> {
  const [row] = await connection.read('MATCH (n:CodeloomSchema {name: $name}) RETURN n.version', { name: ROOT }, options);
  return Number(row?.[0] ?? 0);
}

/** The beginning of a statement that takes `$count` numbers which nobody else has or had, in any space, and goes on with the `first` of them. */
export const TAKE_NUMBERS = `MATCH (n:CodeloomSchema {name: '${ROOT}'}) SET n.next = n.next + $count WITH n.next - $count AS first`;
