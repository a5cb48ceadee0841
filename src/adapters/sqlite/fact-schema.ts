/** The schema of facts.db. As in graph-schema.ts, a released migration is never changed. */
export const FACT_MIGRATIONS: readonly string[] = [
  `
-- packed: 0 as it is, 1 raw deflate. put_at: milliseconds since 1970. The bytes come last, so that a row's other columns are read without them.
CREATE TABLE fact (fid INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, put_at INTEGER NOT NULL, packed INTEGER NOT NULL, bytes BLOB NOT NULL);
`,
];
