// Compares an exported graph with a truth. The rules are in docs/accuracy.md.
import { Truth } from './truth.mjs';

/** Kinds of nodes that count as definitions. */
const SCORED = new Set(['function', 'method', 'constructor', 'class', 'interface', 'type', 'enum', 'variable']);
const KINDS = ['CALLS', 'IMPORTS', 'EXTENDS', 'IMPLEMENTS'];

/**
 * Scores the rows of an export against the rows of a truth. `missed` and `wrong` list every error with its category and its ends in words; a missed call says
 * whether it is among the candidates.
 */
export function score(truthRows, graphRows) {
  const truth = new Truth(truthRows);
  const missed = [];
  const wrong = [];
  const nodes = new Map(graphRows.filter((row) => row.type === 'node').map((node) => [node.id, placed(truth, node)]));
  const definitions = scoreDefinitions(truth, nodes, missed, wrong);
  const { certain, candidates, outside } = edgesByKind(truth, nodes, graphRows);
  const calls = scoreCalls(truth, certain.CALLS, candidates.CALLS, missed, wrong);
  const between = (kind, rows, counted) => scorePairs(truth, { kind, rows, edges: certain[kind], counted }, missed, wrong);
  const imports = between('IMPORTS', truth.imports, (edge) => edge.from.node.kind === 'file' && edge.to.node.kind === 'file');
  const extended = between('EXTENDS', truth.inherits.filter(({ k }) => k === 'extends'), () => true);
  const implemented = between('IMPLEMENTS', truth.inherits.filter(({ k }) => k === 'implements'), () => true);
  return {
    name: truth.meta.name, definitions, calls, imports, extends: extended, implements: implemented,
    heritage: rates(extended.right + implemented.right, extended.missed + implemented.missed, extended.wrong + implemented.wrong),
    edgesOutside: outside, missed, wrong,
  };
}

/** Shares of what was right; null where there was nothing to be right about. */
export function rates(right, missed, wrong) {
  const precision = right + wrong > 0 ? right / (right + wrong) : null;
  const recall = right + missed > 0 ? right / (right + missed) : null;
  return { precision, recall, f1: harmonic(precision, recall), right, missed, wrong };
}

const harmonic = (precision, recall) => (precision !== null && recall !== null && precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : null);

/** A node with what the truth calls it: `id` is undefined when the truth does not know it, `inside` tells whether its file is one of the truth's. */
function placed(truth, node) {
  const file = truth.fileId(node.file);
  if (file === undefined) return { node, inside: false, id: undefined };
  return { node, inside: true, id: node.kind === 'file' ? file : truth.definitionOf(node)?.id };
}

function scoreDefinitions(truth, nodes, missed, wrong) {
  const found = new Map();
  const extra = new Map();
  const files = new Set();
  for (const { node, inside, id } of nodes.values()) {
    if (!inside) continue;
    if (node.kind === 'file') files.add(id);
    else if (!SCORED.has(node.kind)) continue;
    else if (id === undefined) extra.set(`${node.file}|${node.name}|${node.line}`, node);
    else if (!truth.definitions.get(id).opt && !found.has(id)) found.set(id, node.kind);
  }
  const byKind = new Map();
  const count = (kind, what) => {
    if (!byKind.has(kind)) byKind.set(kind, { right: 0, missed: 0, wrong: 0 });
    byKind.get(kind)[what]++;
  };
  let required = 0;
  let otherKind = 0;
  for (const definition of truth.definitions.values()) {
    if (definition.opt) continue;
    required++;
    const kind = found.get(definition.id);
    count(definition.kind, kind === undefined ? 'missed' : 'right');
    if (kind === undefined) missed.push({ kind: 'definitions', category: `definition of kind ${definition.kind}`, what: truth.describe(definition.id) });
    else if (kind !== definition.kind && !(kind === 'constructor' && definition.ctor)) otherKind++;
  }
  for (const node of extra.values()) {
    count(node.kind, 'wrong');
    wrong.push({ kind: 'definitions', category: `definition of kind ${node.kind}`, what: `${node.name} ${node.file}:${node.line}` });
  }
  return {
    ...rates(found.size, required - found.size, extra.size), otherKind,
    byKind: Object.fromEntries([...byKind].sort().map(([kind, { right, missed: lost, wrong: more }]) => [kind, rates(right, lost, more)])),
    files: rates(files.size, truth.files.length - files.size, 0),
  };
}

/** Edges between files of the truth, once for each pair of ends; ends that the truth does not know keep the graph's own id. */
function edgesByKind(truth, nodes, rows) {
  const certain = Object.fromEntries(KINDS.map((kind) => [kind, new Map()]));
  const candidates = Object.fromEntries(KINDS.map((kind) => [kind, new Map()]));
  let outside = 0;
  for (const row of rows) {
    if (row.type !== 'edge' || certain[row.kind] === undefined) continue;
    const from = nodes.get(row.from);
    const to = nodes.get(row.to);
    if (from === undefined || to === undefined) throw new Error(`The edge from ${row.from} to ${row.to} has an end that is no node.`);
    if (!from.inside || !to.inside) outside++;
    else (row.certainty === 'candidate' ? candidates : certain)[row.kind].set(`${from.id ?? `?${row.from}`}>${to.id ?? `?${row.to}`}`, { from, to, line: row.line });
  }
  return { certain, candidates, outside };
}

function scoreCalls(truth, certain, candidates, missed, wrong) {
  const found = new Set();
  const answered = new Set();
  const uncounted = {};
  let wrongCount = 0;
  for (const edge of certain.values()) {
    const judged = judgeCall(truth, edge);
    if (judged.hits !== undefined) {
      for (const index of judged.hits) found.add(index);
      answered.add(judged.hits[0]);
    } else if (judged.uncounted !== undefined) uncounted[judged.uncounted] = (uncounted[judged.uncounted] ?? 0) + 1;
    else {
      wrongCount++;
      wrong.push({ kind: 'CALLS', category: judged.wrong, what: describeEdge(edge) });
    }
  }
  const offered = new Set();
  const candidateCount = { right: 0, wrong: 0, uncounted: 0 };
  for (const [pair, edge] of candidates) {
    if (certain.has(pair)) continue;
    const judged = judgeCall(truth, edge);
    candidateCount[judged.hits !== undefined ? 'right' : judged.uncounted !== undefined ? 'uncounted' : 'wrong']++;
    for (const index of judged.hits ?? []) offered.add(index);
  }
  const byVia = new Map();
  const byPlace = new Map();
  let required = 0;
  let missedAmongCandidates = 0;
  truth.calls.forEach((call, index) => {
    if (call.opt) return;
    required++;
    const right = found.has(index);
    const place = truth.fileOf(call.from) === truth.fileOf(call.to) ? 'same file' : 'across files';
    for (const [table, key] of [[byVia, call.via], [byPlace, place]]) {
      if (!table.has(key)) table.set(key, { right: 0, missed: 0 });
      table.get(key)[right ? 'right' : 'missed']++;
    }
    if (right) return;
    if (offered.has(index)) missedAmongCandidates++;
    missed.push({ kind: 'CALLS', category: `${call.via}, ${place}`, what: `${truth.describe(call.from)} -> ${truth.describe(call.to)}`, path: truth.describe(truth.fileOf(call.from)).slice('file '.length), line: call.line, amongCandidates: offered.has(index) });
  });
  const precision = answered.size + wrongCount > 0 ? answered.size / (answered.size + wrongCount) : null;
  const recall = required > 0 ? found.size / required : null;
  const recalls = (table) => Object.fromEntries([...table].sort().map(([key, { right, missed: lost }]) => [key, { recall: right / (right + lost), right, missed: lost }]));
  return {
    precision, recall, f1: harmonic(precision, recall), required, found: found.size, missed: required - found.size, wrong: wrongCount,
    byVia: recalls(byVia), byPlace: recalls(byPlace), uncounted, candidates: { ...candidateCount, missedAmongCandidates },
  };
}

/**
 * What the truth says of one call: the positions of the calls that it answers (`hits`, the one it answers best first), why it does not count, or what is wrong
 * with it.
 */
function judgeCall(truth, { from, to }) {
  const all = truth.callsBetween(from.id, to.id);
  const hits = all.filter((index) => !truth.calls[index].opt);
  if (hits.length > 0) return { hits };
  if (all.length > 0) return { uncounted: 'optional' };
  const names = calleeNames(truth, to);
  if (from.id !== undefined && names.some((name) => truth.isUnknown(from.id, name))) return { uncounted: 'unknown to the oracles' };
  if (from.id === undefined) return { wrong: 'the caller is no definition' };
  if (to.id === undefined) return { wrong: 'the callee is no definition' };
  if (truth.isReference(from.id, to.id)) return { wrong: 'a reference, not a call' };
  return { wrong: names.some((name) => truth.callsOfName(from.id, name)) ? 'the call of that name leads elsewhere' : 'no call of that name there' };
}

/** The names under which a callee can stand at a call. */
function calleeNames(truth, { node, id }) {
  const names = new Set([node.name]);
  const definition = truth.definitions.get(id);
  if (definition !== undefined) {
    names.add(definition.name);
    if (definition.alias) names.add(definition.alias);
    if (definition.ctor && truth.definitions.has(definition.parent)) names.add(truth.definitions.get(definition.parent).name);
    if (definition.ctor || definition.kind === 'class') names.add('super');
  }
  return [...names];
}

/** Edges that are right when their two ends are those of a row. */
function scorePairs(truth, { kind, rows, edges, counted }, missed, wrong) {
  const wanted = new Map(rows.map((row) => [`${row.from}>${row.to}`, row]));
  let right = 0;
  let wrongCount = 0;
  for (const [pair, edge] of edges) {
    const row = wanted.get(pair);
    if (!counted(edge) || row?.opt) continue;
    if (row !== undefined) right++;
    else {
      wrongCount++;
      wrong.push({ kind, category: kind, what: describeEdge(edge) });
    }
  }
  let missedCount = 0;
  for (const [pair, row] of wanted) {
    if (row.opt || edges.has(pair)) continue;
    missedCount++;
    missed.push({ kind, category: kind, what: `${truth.describe(row.from)} -> ${truth.describe(row.to)}` });
  }
  return rates(right, missedCount, wrongCount);
}

function describeEdge({ from, to, line }) {
  const end = ({ node }) => (node.kind === 'file' ? `file ${node.file}` : `${node.kind} ${node.name} ${node.file}:${node.line}`);
  return `${end(from)} -> ${end(to)}${line === undefined ? '' : ` (line ${line})`}`;
}
