/** Where the server is, as whom, and how patiently. What is absent comes from the environment as for any client of PostgreSQL (PGHOST, PGUSER, PGPASSWORD …). */
export interface PostgresAddress {
  /** `postgres://user:password@host:5432/database?sslmode=verify-full`. Nothing of it is logged or put into errors. */
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  /** Or what gives it, asked for each new connection: a secret store, or tokens that expire. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** True for TLS with the system's authorities, or what `tls.connect` takes. A URL's `sslmode` does the same. */
  readonly ssl?: boolean | Readonly<Record<string, unknown>> | undefined;
  /** Where the tables lie: lower-case letters, digits and single underscores; default `codeloom`. */
  readonly schema?: string | undefined;
  /**
   * Whose data these are: letters, digits, single dashes or underscores, all in lower case. Each tenant has a schema of its own (`codeloom__acme`): no statement names
   * two, so nothing of one tenant can come up in another, and privileges can be given for each.
   */
  readonly tenant?: string | undefined;
  /** Milliseconds to wait for a connection, default 10,000. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds that one statement may take before the server stops it (`store-busy`), default five minutes; 0 for no limit. */
  readonly statementTimeout?: number | undefined;
  /** What the server calls these connections in `pg_stat_activity`, default `codeloom`. */
  readonly applicationName?: string | undefined;
}
