import type { Writable } from 'node:stream';
import type pg from 'pg';
import { CodeloomError } from '../../domain/errors.js';

/** The optional packages that this adapter needs. */
export interface PostgresDriver {
  readonly Pool: typeof pg.Pool;
  readonly Client: typeof pg.Client;
  /** A stream that takes what `COPY … FROM STDIN` reads; hand it to a client's `query`. */
  copyFrom(sql: string): Writable & pg.Submittable;
}

let loaded: Promise<PostgresDriver> | undefined;

/** Loads pg and pg-copy-streams. Throws `store-unavailable` when they are not installed. */
export function loadPostgresDriver(): Promise<PostgresDriver> {
  return loaded ??= load();
}

async function load(): Promise<PostgresDriver> {
  try {
    const [{ default: postgres }, { default: copyStreams }] = await Promise.all([import('pg'), import('pg-copy-streams')]);
    return { Pool: postgres.Pool, Client: postgres.Client, copyFrom: (sql) => copyStreams.from(sql) };
  } catch (error) {
    loaded = undefined;
    throw new CodeloomError('store-unavailable', 'The packages that PostgreSQL needs cannot be loaded; run: npm install pg pg-copy-streams', { retryable: false, cause: error });
  }
}
