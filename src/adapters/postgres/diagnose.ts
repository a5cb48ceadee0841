import type { Check } from '../../domain/check.js';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { PostgresAddress } from './address.js';
import { inspectPostgres, type PostgresInspection } from './stores.js';

/** Looks at a server and a schema without changing anything: whether it answers, what the role may do, migrations, size. */
export async function* diagnosePostgres(address: PostgresAddress, { signal }: CallOptions = {}): AsyncGenerator<Check> {
  const begun = performance.now();
  let seen: PostgresInspection;
  try {
    seen = await inspectPostgres({ ...address, connectTimeout: Math.min(address.connectTimeout ?? 5000, 5000) });
  } catch (error) {
    throwIfAborted(signal);
    const { code, message } = CodeloomError.from(error);
    const advice = ADVICE[code];
    yield { name: 'PostgreSQL', status: 'fail', found: message, ...(advice === undefined ? {} : { advice }) };
    return;
  }
  throwIfAborted(signal);
  const milliseconds = Math.round(performance.now() - begun);
  const found = `${seen.serverVersion}, database ${seen.database}, as ${seen.role}; looked at in ${milliseconds} ms`;
  const major = Number.parseInt(seen.serverVersion, 10);
  yield { name: 'PostgreSQL', ...(major >= 14 ? { status: 'ok', found } : { status: 'fail', found, advice: 'Use PostgreSQL 14 or newer.' }) };
  yield { name: 'PostgreSQL schema', ...schemaFinding(seen) };
  yield { name: 'PostgreSQL rights', ...rightsFinding(seen) };
  yield { name: 'PostgreSQL space', status: 'ok', found: `${mebibytes(seen.schemaBytes)} in the schema, ${mebibytes(seen.databaseBytes)} in the database; the server does not tell what is free` };
}

const ADVICE: Readonly<Partial<Record<string, string>>> = {
  'store-unavailable': 'See that the server runs, that host and port are right, and that it can be reached from here (firewall, pg_hba.conf, TLS).',
  'authentication-failed': 'See user and password: CODELOOM_POSTGRES_URL, or CODELOOM_POSTGRES_USER and CODELOOM_POSTGRES_PASSWORD (or the files that …_FILE name).',
  'permission-denied': 'Grant the role CONNECT on the database.',
};

function schemaFinding({ schema, schemaVersion, knownVersion, foreign, canMigrate, role }: PostgresInspection): Omit<Check, 'name'> {
  if (foreign) return { status: 'fail', found: `${schema} holds tables of something else`, advice: 'Name another schema: postgres://…?schema=<name>' };
  if (schemaVersion > knownVersion) return { status: 'fail', found: `${schema} has schema ${schemaVersion} of a newer codeloom; this one knows ${knownVersion}`, advice: 'Update codeloom, or name another schema.' };
  if (schemaVersion === knownVersion) return { status: 'ok', found: `${schema}, version ${schemaVersion}, as this codeloom needs it` };
  const found = schemaVersion === 0 ? `${schema} is not there yet` : `${schema} has version ${schemaVersion} of ${knownVersion}`;
  return canMigrate ? { status: 'ok', found: `${found}: made with the first index` } : { status: 'fail', found: `${found}, and ${role} may not make it`, advice: `GRANT CREATE ON DATABASE … TO ${role}; or index once as the owner of the schema.` };
}

function rightsFinding({ schema, schemaVersion, role, canWrite, canMigrate, readOnly }: PostgresInspection): Omit<Check, 'name'> {
  if (readOnly) return { status: 'warn', found: 'the server or database is read-only (a standby, or default_transaction_read_only)', advice: 'Questions work; to index, use the primary.' };
  if (schemaVersion === 0) return canMigrate ? { status: 'ok', found: `${role} may make the schema` } : { status: 'fail', found: `${role} may not make the schema`, advice: `GRANT CREATE ON DATABASE … TO ${role}; or have the owner make it.` };
  if (canWrite) return { status: 'ok', found: `${role} may read and write` };
  return { status: 'warn', found: `${role} may not write every table of ${schema}`, advice: `Questions work if it may read; to index: GRANT USAGE ON SCHEMA ${schema} TO ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}` };
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
