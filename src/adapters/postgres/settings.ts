import type pg from 'pg';
import { CodeloomError } from '../../domain/errors.js';
import type { PostgresAddress } from './address.js';
import { redacting, type Redact } from './store-errors.js';

/** What {@link PostgresAddress} comes to. */
export interface PostgresSettings {
  readonly client: pg.ClientConfig;
  /** The schema's name, safe to stand in double quotes. */
  readonly schema: string;
  readonly statementTimeout: number;
  /** Takes passwords out of text, those that come later too. */
  readonly redact: Redact;
}

const SCHEMA = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const TENANT = /^[a-z0-9]+(?:[_-][a-z0-9]+)*$/;
/** Bytes; PostgreSQL cuts longer names off. */
const LONGEST_NAME = 63;

/** Checks an address. Throws `invalid-argument`, which does not repeat what was given as URL. */
export function postgresSettings(address: PostgresAddress): PostgresSettings {
  const { url, host, port, database, user, password, ssl, connectTimeout = 10_000, statementTimeout = 300_000, applicationName = 'codeloom' } = address;
  const secrets = new Set<string>();
  for (const secret of secretsOf(url)) secrets.add(secret);
  if (typeof password === 'string') secrets.add(password);
  return {
    schema: schemaName(address), statementTimeout,
    redact: (text) => redacting([...secrets])(text),
    client: {
      ...(url === undefined ? {} : { connectionString: url }),
      ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }), ...(database === undefined ? {} : { database }), ...(user === undefined ? {} : { user }),
      ...(ssl === undefined ? {} : { ssl: typeof ssl === 'boolean' ? ssl : { ...ssl } }),
      ...(password === undefined ? {} : {
        password: typeof password === 'string' ? password : async () => {
          const given = await password();
          secrets.add(given);
          return given;
        },
      }),
      connectionTimeoutMillis: connectTimeout, application_name: applicationName, keepAlive: true,
      ...(statementTimeout === 0 ? {} : { statement_timeout: statementTimeout }),
    },
  };
}

/** The schema of a tenant, or of nobody in particular. */
function schemaName({ schema = 'codeloom', tenant }: PostgresAddress): string {
  if (!SCHEMA.test(schema) || schema.startsWith('pg_')) throw new CodeloomError('invalid-argument', `${JSON.stringify(schema)} cannot be the schema: lower-case letters, digits and single underscores, a letter first, not pg_….`);
  if (tenant === undefined) return checkedLength(schema);
  if (!TENANT.test(tenant)) throw new CodeloomError('invalid-argument', `${JSON.stringify(tenant)} cannot be a tenant: lower-case letters and digits, with single dashes or underscores between.`);
  // Neither part has two underscores in a row: no two pairs give the same name.
  return checkedLength(`${schema}__${tenant}`);
}

function checkedLength(name: string): string {
  if (name.length > LONGEST_NAME) throw new CodeloomError('invalid-argument', `The schema's name ${name} is longer than ${LONGEST_NAME} characters.`);
  return name;
}

function secretsOf(url: string | undefined): readonly string[] {
  if (url === undefined) return [];
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // Without the cause, which has the whole text.
    throw new CodeloomError('invalid-argument', 'The address of PostgreSQL is no URL: postgres://user:password@host:5432/database (with %40 for an @ in a password, and so on).');
  }
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:') throw new CodeloomError('invalid-argument', 'The address of PostgreSQL must begin with postgres:// or postgresql://.');
  const asked = parsed.searchParams.getAll('password');
  try {
    return [parsed.password, decodeURIComponent(parsed.password), ...asked].filter((secret) => secret !== '');
  } catch {
    throw new CodeloomError('invalid-argument', 'The password in the address of PostgreSQL has a % that is no escape; write it as %25.');
  }
}
