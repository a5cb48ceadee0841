import type { Check } from '../../domain/check.js';
import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import { connectNeo4j, type Neo4jAddress, type Neo4jConnection } from './connection.js';
import { MIGRATIONS } from './schema.js';

/** Looks at a server and a database without leaving anything there: whether it answers, its version, what the user may do, migrations, size. */
export async function* diagnoseNeo4j(address: Neo4jAddress, options: CallOptions = {}): AsyncGenerator<Check> {
  const connection = connectNeo4j(address, { patience: 0 });
  try {
    const begun = performance.now();
    let version: string;
    let edition: string;
    try {
      const [row] = await connection.read("CALL dbms.components() YIELD name, versions, edition WHERE name = 'Neo4j Kernel' RETURN versions[0], edition", {}, options);
      [version, edition] = [String(row?.[0]), String(row?.[1])];
    } catch (error) {
      yield { name: 'Neo4j', ...failed(error) };
      return;
    }
    const milliseconds = Math.round(performance.now() - begun);
    const found = `${version} ${edition} at ${connection.address}, answers after ${milliseconds} ms`;
    yield { name: 'Neo4j', ...(Number.parseInt(version, 10) >= 5 ? { status: 'ok', found } : { status: 'fail', found, advice: 'Use Neo4j 5 or newer.' }) };
    for (const [name, look] of [['Neo4j schema', schemaFinding], ['Neo4j rights', rightsFinding], ['Neo4j space', spaceFinding]] as const) {
      yield { name, ...await look(connection, options).catch(failed) };
    }
  } finally {
    await connection.close();
  }
}

const ADVICE: Readonly<Partial<Record<string, string>>> = {
  'store-unavailable': 'See that the server runs, that host and port are right, and that the scheme fits: neo4j:// for a cluster, bolt:// for one server, +s with TLS.',
  'authentication-failed': 'See user and password: CODELOOM_NEO4J_URL, or CODELOOM_NEO4J_USER and CODELOOM_NEO4J_PASSWORD (or the files that …_FILE name).',
  'permission-denied': 'Give the user a role that may read and write the database, and make indexes and constraints (such as architect).',
};

function failed(error: unknown): Omit<Check, 'name'> {
  const { code, message } = CodeloomError.from(error);
  if (code === 'aborted') throw error;
  const advice = ADVICE[code];
  return { status: 'fail', found: message, ...(advice === undefined ? {} : { advice }) };
}

async function schemaFinding(connection: Neo4jConnection, options: CallOptions): Promise<Omit<Check, 'name'>> {
  // Asked by a label that is given: the server warns of one that it has never seen.
  const [row] = await connection.read("MATCH (n) WHERE $label IN labels(n) AND n.name = 'codeloom' RETURN n.version LIMIT 1", { label: 'CodeloomSchema' }, options);
  const [version, known] = [Number(row?.[0] ?? 0), MIGRATIONS.length];
  if (version > known) return { status: 'fail', found: `schema ${version} of a newer codeloom; this one knows ${known}`, advice: 'Update codeloom, or name another database: neo4j://…?database=<name>' };
  return { status: 'ok', found: version === 0 ? 'none yet: made with the first index' : version === known ? `version ${version}, as this codeloom needs it` : `version ${version} of ${known}: brought up to date with the next index` };
}

/** Community Edition has no rights to ask for: a node is made in a transaction that is taken back. */
async function rightsFinding(connection: Neo4jConnection, options: CallOptions): Promise<Omit<Check, 'name'>> {
  const takeBack = new CodeloomError('conflict', 'Taken back.', { retryable: false });
  try {
    await connection.transaction(async (run) => {
      await run('CREATE ()');
      throw takeBack;
    }, options);
  } catch (error) {
    if (error === takeBack) return { status: 'ok', found: 'the user may read and write' };
    const { code, message } = CodeloomError.from(error);
    if (code === 'store-read-only') return { status: 'warn', found: message, advice: 'Questions work; to index, use a server and database that can be written.' };
    if (code === 'permission-denied') return { status: 'warn', found: message, advice: 'Questions work; to index, give the user a role that may write, and make indexes and constraints (such as architect).' };
    throw error;
  }
  return { status: 'ok', found: 'the user may read and write' };
}

async function spaceFinding(connection: Neo4jConnection, options: CallOptions): Promise<Omit<Check, 'name'>> {
  const [nodes] = await connection.read('MATCH (n) RETURN count(n)', {}, options);
  const [relationships] = await connection.read('MATCH ()-[r]->() RETURN count(r)', {}, options);
  return { status: 'ok', found: `${Number(nodes?.[0]).toLocaleString('en')} nodes, ${Number(relationships?.[0]).toLocaleString('en')} relationships in the database; the server does not tell what is free` };
}
