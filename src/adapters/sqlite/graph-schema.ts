import { EDGE_KINDS, NODE_KINDS } from '../../domain/graph-node.js';
import { UNRESOLVED_REASONS } from '../../domain/partition.js';

/**
 * The schema of graph.db, explained for its readers in docs/sqlite-schema.md. A released migration is never changed: a new one is added behind it. Kinds
 * and reasons are stored as their places in the domain's closed lists; when a list grows, a migration adds the name to its table here.
 */
export const GRAPH_MIGRATIONS: readonly string[] = [
  `
CREATE TABLE node_kind (kind INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO node_kind VALUES ${numbered(NODE_KINDS.slice(0, 13))};
CREATE TABLE edge_kind (kind INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO edge_kind VALUES ${numbered(EDGE_KINDS.slice(0, 8))};
CREATE TABLE unresolved_reason (reason INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO unresolved_reason VALUES ${numbered(UNRESOLVED_REASONS.slice(0, 11))};

CREATE TABLE snapshot (
  id TEXT PRIMARY KEY, repository TEXT NOT NULL, branch TEXT NOT NULL, created_at TEXT NOT NULL,
  data TEXT NOT NULL, partitions BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX snapshot_repository ON snapshot (repository);
CREATE TABLE head (hid INTEGER PRIMARY KEY, repository TEXT NOT NULL, branch TEXT NOT NULL, snapshot TEXT NOT NULL, UNIQUE (repository, branch));
CREATE TABLE head_partition (pid INTEGER NOT NULL, hid INTEGER NOT NULL, PRIMARY KEY (pid, hid)) WITHOUT ROWID;

CREATE TABLE partition (
  pid INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, path TEXT NOT NULL, language TEXT NOT NULL, blob TEXT NOT NULL,
  nodes INTEGER NOT NULL, edges INTEGER NOT NULL,
  resolved INTEGER NOT NULL, candidates INTEGER NOT NULL, external INTEGER NOT NULL, unresolved INTEGER NOT NULL, diagnostics TEXT
);
CREATE INDEX partition_path ON partition (path);
CREATE INDEX partition_diagnostics ON partition (pid) WHERE diagnostics IS NOT NULL;
CREATE TABLE partition_content (pid INTEGER PRIMARY KEY, content BLOB NOT NULL);

CREATE TABLE symbol (sid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE node (
  sid INTEGER NOT NULL, pid INTEGER NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL, qualified_name TEXT NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (sid, pid)
) WITHOUT ROWID;
CREATE INDEX node_name ON node (name COLLATE NOCASE);
CREATE INDEX node_qualified_name ON node (qualified_name COLLATE NOCASE, name, kind);
CREATE TABLE edge (
  dst INTEGER NOT NULL, kind INTEGER NOT NULL, src INTEGER NOT NULL, candidate INTEGER NOT NULL, pid INTEGER NOT NULL, sites TEXT NOT NULL,
  PRIMARY KEY (dst, kind, src, candidate, pid)
) WITHOUT ROWID;
CREATE INDEX edge_src ON edge (src, kind);
CREATE TABLE unresolved (
  name TEXT NOT NULL, pid INTEGER NOT NULL, place INTEGER NOT NULL, src INTEGER NOT NULL, reason INTEGER NOT NULL, line INTEGER NOT NULL, col INTEGER NOT NULL,
  PRIMARY KEY (name, pid, place)
) WITHOUT ROWID;

CREATE TABLE repository (id TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE record (rid INTEGER PRIMARY KEY, snapshot TEXT NOT NULL UNIQUE, repository TEXT NOT NULL, branch TEXT NOT NULL, data TEXT NOT NULL, files BLOB NOT NULL);
CREATE TABLE current_record (repository TEXT NOT NULL, branch TEXT NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (repository, branch)) WITHOUT ROWID;
CREATE TABLE current_file (fid INTEGER NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (fid, rid)) WITHOUT ROWID;
CREATE TABLE file (
  fid INTEGER PRIMARY KEY, path TEXT NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL, language TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, symbols INTEGER NOT NULL
);
CREATE INDEX file_path ON file (path);
CREATE TABLE run (id TEXT PRIMARY KEY, repository TEXT NOT NULL, started_at TEXT NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX run_repository ON run (repository, started_at);
CREATE TABLE run_event (run TEXT NOT NULL, sequence INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (run, sequence)) WITHOUT ROWID;

CREATE VIEW snapshots_view AS
  SELECT s.id, s.repository, s.branch, json_extract(s.data, '$.commit') AS commit_sha, json_extract(s.data, '$.dirty') AS dirty, s.created_at,
    EXISTS (SELECT 1 FROM head h WHERE h.snapshot = s.id) AS is_head, json_extract(s.data, '$.stats.files') AS files,
    json_extract(s.data, '$.stats.symbols') AS symbols, json_extract(s.data, '$.digest') AS digest
  FROM snapshot s;
CREATE VIEW symbols_view AS
  SELECT h.repository, h.branch, s.id, k.name AS kind, n.name, n.qualified_name, p.path, json_extract(n.detail, '$[2][0]') AS line,
    json_extract(n.detail, '$[3]') AS exported, json_extract(n.detail, '$[5]') AS signature, json_extract(n.detail, '$[6]') AS doc
  FROM node n JOIN symbol s ON s.sid = n.sid JOIN node_kind k ON k.kind = n.kind JOIN partition p ON p.pid = n.pid
    JOIN head_partition hp ON hp.pid = n.pid JOIN head h ON h.hid = hp.hid
  WHERE k.name <> 'external';
CREATE VIEW edges_view AS
  SELECT h.repository, h.branch, k.name AS kind, f.id AS source, t.id AS target, CASE e.candidate WHEN 0 THEN 'certain' ELSE 'candidate' END AS certainty,
    p.path, e.sites
  FROM edge e JOIN edge_kind k ON k.kind = e.kind JOIN symbol f ON f.sid = e.src JOIN symbol t ON t.sid = e.dst JOIN partition p ON p.pid = e.pid
    JOIN head_partition hp ON hp.pid = e.pid JOIN head h ON h.hid = hp.hid;
CREATE VIEW calls_view AS SELECT repository, branch, source AS caller, target AS callee, certainty, path, sites FROM edges_view WHERE kind = 'CALLS';
CREATE VIEW unresolved_view AS
  SELECT h.repository, h.branch, s.id AS caller, u.name, r.name AS reason, p.path, u.line, u.col AS "column"
  FROM unresolved u JOIN symbol s ON s.sid = u.src JOIN unresolved_reason r ON r.reason = u.reason JOIN partition p ON p.pid = u.pid
    JOIN head_partition hp ON hp.pid = u.pid JOIN head h ON h.hid = hp.hid;
CREATE VIEW files_view AS
  SELECT r.repository, r.branch, f.path, f.language, f.status, f.reason, f.size, f.symbols, f.blob
  FROM file f JOIN current_file c ON c.fid = f.fid JOIN record r ON r.rid = c.rid;
CREATE VIEW runs_view AS
  SELECT id, repository, json_extract(data, '$.branch') AS branch, json_extract(data, '$.status') AS status, started_at,
    json_extract(data, '$.finishedAt') AS finished_at, json_extract(data, '$.snapshot') AS snapshot, json_extract(data, '$.error.message') AS error
  FROM run;
`,
];

function numbered(names: readonly string[]): string {
  return names.map((name, index) => `(${index}, '${name}')`).join(', ');
}
