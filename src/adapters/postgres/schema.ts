import { EDGE_KINDS, NODE_KINDS } from '../../domain/graph-node.js';
import { UNRESOLVED_REASONS } from '../../domain/partition.js';

/** What a member row that has no end yet has as its end. */
export const OPEN = 2_147_483_647;

/**
 * The schema's history, as plain SQL that names no schema; docs/postgres-schema.md explains the result to those who query it. Number n brings version n-1 to n. A released
 * migration is never changed: a new one is added behind it. Kinds and reasons are stored as their places in the domain's closed lists; when a list grows, a
 * migration adds the name to its table here. Text is compared by its bytes (COLLATE "C"), whatever the database's own collation is. Names may be longer than an
 * index takes, so what is indexed is their beginning, or their hash.
 */
export const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'first',
    sql: `
CREATE TABLE graph_node_kind (kind smallint PRIMARY KEY, name text NOT NULL);
INSERT INTO graph_node_kind VALUES ${numbered(NODE_KINDS.slice(0, 13))};
CREATE TABLE graph_edge_kind (kind smallint PRIMARY KEY, name text NOT NULL);
INSERT INTO graph_edge_kind VALUES ${numbered(EDGE_KINDS.slice(0, 8))};
CREATE TABLE graph_reason (reason smallint PRIMARY KEY, name text NOT NULL);
INSERT INTO graph_reason VALUES ${numbered(UNRESOLVED_REASONS.slice(0, 11))};

CREATE TABLE graph_branch (
  owner integer PRIMARY KEY, repository text COLLATE "C" NOT NULL, branch text COLLATE "C" NOT NULL, head text COLLATE "C" NOT NULL, last_generation integer NOT NULL,
  UNIQUE (repository, branch)
);
CREATE TABLE graph_snapshot (
  id text COLLATE "C" PRIMARY KEY, owner integer NOT NULL, generation integer NOT NULL, repository text COLLATE "C" NOT NULL, branch text COLLATE "C" NOT NULL,
  commit_sha text, created_at timestamptz NOT NULL, digest text NOT NULL, data text NOT NULL,
  UNIQUE (owner, generation)
);
CREATE INDEX graph_snapshot_repository ON graph_snapshot (repository, branch);
CREATE TABLE graph_member (
  item integer NOT NULL, owner integer NOT NULL, from_generation integer NOT NULL, to_generation integer NOT NULL,
  PRIMARY KEY (item, owner, from_generation) INCLUDE (to_generation)
);
CREATE INDEX graph_member_owner ON graph_member (owner, to_generation);

CREATE TABLE graph_partition (
  pid integer PRIMARY KEY, digest bytea NOT NULL UNIQUE, path text COLLATE "C" NOT NULL, language text NOT NULL, blob text NOT NULL, nodes integer NOT NULL, edges integer NOT NULL,
  resolved integer NOT NULL, candidates integer NOT NULL, external integer NOT NULL, unresolved integer NOT NULL, diagnostics text, symbols integer[] NOT NULL
);
CREATE INDEX graph_partition_path ON graph_partition (left(path, 256));
CREATE TABLE graph_content (pid integer PRIMARY KEY, content bytea NOT NULL);
ALTER TABLE graph_content ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE TABLE graph_symbol (sid integer PRIMARY KEY, id text COLLATE "C" NOT NULL);
CREATE INDEX graph_symbol_id ON graph_symbol USING hash (id);
CREATE TABLE graph_node (
  sid integer NOT NULL, pid integer NOT NULL, kind smallint NOT NULL, name text COLLATE "C" NOT NULL, qualified_name text COLLATE "C", line integer, exported boolean,
  signature text, doc text, detail text NOT NULL,
  PRIMARY KEY (sid, pid)
);
CREATE INDEX graph_node_name ON graph_node (left(lower(name), 128));
CREATE INDEX graph_node_qualified_name ON graph_node (left(lower(qualified_name), 128)) WHERE qualified_name IS NOT NULL;
CREATE TABLE graph_edge (dst integer NOT NULL, src integer NOT NULL, pid integer NOT NULL, kind smallint NOT NULL, candidate boolean NOT NULL, sites text NOT NULL);
CREATE INDEX graph_edge_dst ON graph_edge (dst, kind);
CREATE INDEX graph_edge_src ON graph_edge (src, kind);
CREATE TABLE graph_unresolved (
  pid integer NOT NULL, place integer NOT NULL, src integer NOT NULL, reason smallint NOT NULL, line integer NOT NULL, col integer NOT NULL, name text COLLATE "C" NOT NULL,
  PRIMARY KEY (pid, place)
);
CREATE INDEX graph_unresolved_name ON graph_unresolved (left(name, 128));

CREATE TABLE repositories (
  id text COLLATE "C" PRIMARY KEY, name text NOT NULL, location text NOT NULL, kind text NOT NULL, default_branch text
);
CREATE TABLE repo_snapshots (
  id text COLLATE "C" PRIMARY KEY, repository text COLLATE "C" NOT NULL, branch text COLLATE "C" NOT NULL, commit_sha text, dirty boolean NOT NULL, created_at timestamptz NOT NULL,
  indexer_version text NOT NULL, digest text NOT NULL, files integer NOT NULL, bytes bigint NOT NULL, symbols integer NOT NULL,
  calls_resolved integer NOT NULL, calls_candidates integer NOT NULL, calls_external integer NOT NULL, calls_unresolved integer NOT NULL, diagnostics integer NOT NULL,
  owner integer NOT NULL, generation integer NOT NULL, UNIQUE (owner, generation)
);
CREATE INDEX repo_snapshots_repository ON repo_snapshots (repository, branch, created_at DESC);
CREATE TABLE file_version (
  fid integer PRIMARY KEY, path text COLLATE "C" NOT NULL, blob text NOT NULL, size bigint NOT NULL, language text NOT NULL, status text NOT NULL, reason text, symbols integer NOT NULL
);
CREATE INDEX file_version_path ON file_version (left(path, 256));
CREATE TABLE file_member (
  item integer NOT NULL, owner integer NOT NULL, from_generation integer NOT NULL, to_generation integer NOT NULL,
  PRIMARY KEY (item, owner, from_generation) INCLUDE (to_generation)
);
CREATE INDEX file_member_owner ON file_member (owner, to_generation);
CREATE TABLE runs (
  id text COLLATE "C" PRIMARY KEY, repository text COLLATE "C" NOT NULL, branch text COLLATE "C" NOT NULL, status text NOT NULL, started_at timestamptz NOT NULL, finished_at timestamptz,
  snapshot_id text, error_code text, error_message text, data text NOT NULL
);
CREATE INDEX runs_repository ON runs (repository, started_at DESC, id);
CREATE TABLE run_events (
  run_id text COLLATE "C" NOT NULL, sequence integer NOT NULL, at timestamptz NOT NULL, type text NOT NULL, stage text, attempt integer, status text, code text, message text, counts json,
  data text NOT NULL, PRIMARY KEY (run_id, sequence)
);

CREATE TABLE fact (key text COLLATE "C" PRIMARY KEY, put_at timestamptz NOT NULL, packed boolean NOT NULL, bytes bytea NOT NULL);
ALTER TABLE fact ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE VIEW branches AS
  SELECT b.repository, b.branch, b.head AS snapshot_id, s.commit_sha, s.created_at, s.digest FROM graph_branch b JOIN graph_snapshot s ON s.id = b.head;
CREATE VIEW graph_head_member AS
  SELECT s.repository, s.branch, m.item AS pid FROM graph_branch b JOIN graph_snapshot s ON s.id = b.head
    JOIN graph_member m ON m.owner = s.owner AND m.from_generation <= s.generation AND m.to_generation > s.generation;
CREATE VIEW nodes AS
  SELECT h.repository, h.branch, s.id, k.name AS kind, n.name, coalesce(n.qualified_name, n.name) AS qualified_name, CASE WHEN n.kind = 12 THEN '' ELSE p.path END AS path,
    n.line, CASE WHEN n.kind = 12 THEN NULL ELSE p.language END AS language, n.exported, n.signature, n.doc
  FROM graph_node n JOIN graph_symbol s ON s.sid = n.sid JOIN graph_node_kind k ON k.kind = n.kind JOIN graph_partition p ON p.pid = n.pid JOIN graph_head_member h ON h.pid = n.pid;
CREATE VIEW edges AS
  SELECT h.repository, h.branch, k.name AS kind, f.id AS from_id, t.id AS to_id, CASE WHEN e.candidate THEN 'candidate' ELSE 'certain' END AS certainty, p.path, e.sites
  FROM graph_edge e JOIN graph_edge_kind k ON k.kind = e.kind JOIN graph_symbol f ON f.sid = e.src JOIN graph_symbol t ON t.sid = e.dst JOIN graph_partition p ON p.pid = e.pid
    JOIN graph_head_member h ON h.pid = e.pid;
CREATE VIEW unresolved_calls AS
  SELECT h.repository, h.branch, s.id AS from_id, u.name, r.name AS reason, p.path, u.line, u.col AS "column"
  FROM graph_unresolved u JOIN graph_symbol s ON s.sid = u.src JOIN graph_reason r ON r.reason = u.reason JOIN graph_partition p ON p.pid = u.pid JOIN graph_head_member h ON h.pid = u.pid;
CREATE VIEW indexed_files AS
  SELECT r.id AS snapshot_id, r.repository, r.branch, f.path, f.blob, f.size, f.language, f.status, f.reason, f.symbols
  FROM repo_snapshots r JOIN file_member m ON m.owner = r.owner AND m.from_generation <= r.generation AND m.to_generation > r.generation JOIN file_version f ON f.fid = m.item;
`,
  },
];

function numbered(names: readonly string[]): string {
  return names.map((name, index) => `(${index}, '${name}')`).join(', ');
}
