// A graph that nobody's code gave: partitions with files, functions, classes with methods, and so many edges, the same each time. Published through the port.
import { createHash } from 'node:crypto';
import { digestManifest, digestPartition } from '../dist/index.js';

const EDGES_PER_FILE = 40;
const FUNCTIONS = 6;
const METHODS = 3;
const WORDS = ['load', 'save', 'parse', 'render', 'create', 'update', 'delete', 'find', 'user', 'order', 'cart', 'price', 'session', 'token', 'cache', 'route', 'index', 'config'];

export const sha256 = (content) => createHash('sha256').update(content).digest('hex');

export function generatedGraph(edges) {
  let seed = 7;
  const random = (below) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 4294967296) * below);
  };
  const files = Math.max(2, Math.round(edges / EDGES_PER_FILE));
  const capital = (word) => word[0].toUpperCase() + word.slice(1);
  const word = () => WORDS[random(WORDS.length)];
  const modules = Array.from({ length: files }, (_, i) => {
    const path = `packages/p${String(i % 40).padStart(2, '0')}/src/${WORDS[i % WORDS.length]}/${word()}${capital(word())}-${i}.ts`;
    const type = `${capital(word())}${capital(word())}${i}`;
    const functions = Array.from({ length: FUNCTIONS }, (__, k) => `${word()}${capital(word())}${random(files * 2)}_${k}`);
    const methods = Array.from({ length: METHODS }, (__, k) => `${WORDS[(i + k) % WORDS.length]}All`);
    return {
      path, type, functions: functions.map((name) => ({ name, id: `${path}#${name}().` })),
      class: `${path}#${type}#`, methods: methods.map((name) => ({ name, id: `${path}#${type}#${name}().` })),
    };
  }).sort((a, b) => (a.path < b.path ? -1 : 1));
  const externals = Array.from({ length: 300 }, (_, i) => `external:package-${i % 60}#member${i}`);
  const far = () => modules[random(files)];

  function partition(index) {
    const { path, type, functions, methods, ...own } = modules[index];
    const at = (line) => ({ line, column: 1, offset: line * 40 });
    const node = (id, kind, name, qualifiedName, line, parent) => ({
      id, kind, name, qualifiedName, path, range: { start: at(line), end: at(line + 15) }, at: at(line), language: 'typescript', exported: true,
      signature: `function ${name}(request: Request, options: Options): Promise<void>`, doc: `Does what ${name} says.`, parent,
    });
    const nodes = [
      { id: path, kind: 'file', name: path.slice(path.lastIndexOf('/') + 1), qualifiedName: path, path, range: { start: at(1), end: at(200) }, at: at(1), language: 'typescript' },
      ...functions.map(({ id, name }, i) => node(id, 'function', name, name, i * 20 + 2, path)),
      node(own.class, 'class', type, type, 140, path),
      ...methods.map(({ id, name }, i) => node(id, 'method', name, `${type}.${name}`, 145 + i * 16, own.class)),
    ];
    const edges = new Map();
    const add = (kind, from, to) => edges.set(`${kind} ${from} ${to}`, {
      kind, from, to, certainty: random(12) === 0 ? 'candidate' : 'certain', sites: Array.from({ length: 1 + random(2) }, (_, site) => ({ line: site * 9 + random(9) + 1, column: 5 + random(30) })),
    });
    for (const { id } of nodes.slice(1)) edges.set(`CONTAINS ${id}`, { kind: 'CONTAINS', from: path, to: id, certainty: 'certain', sites: [] });
    if (index > 0) {
      const parent = modules[random(index)];
      add('EXTENDS', own.class, parent.class);
      add('OVERRIDES', methods[0].id, parent.methods[0].id);
    }
    const bodies = [...functions, ...methods];
    while (edges.size < EDGES_PER_FILE) {
      const from = bodies[random(bodies.length)].id;
      const draw = random(40);
      // One in forty goes to a hub, one in five outside.
      const to = draw === 0 ? modules[0].functions[0].id : draw < 9 ? externals[random(300)] : draw < 15 ? far().methods[random(METHODS)].id : far().functions[random(FUNCTIONS)].id;
      add(random(10) < 8 ? 'CALLS' : 'REFERENCES', from, to);
    }
    const outside = [...new Set([...edges.values()].map(({ to }) => to).filter((id) => id.startsWith('external:')))].sort();
    for (const id of outside) nodes.push({ id, kind: 'external', name: id.slice(id.indexOf('#') + 1), qualifiedName: id.slice(9).replace('#', '.'), path: '', package: id.slice(9, id.indexOf('#')) });
    return {
      path, language: 'typescript', blob: sha256(path).slice(0, 40), nodes, edges: [...edges].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge),
      unresolved: [{ from: functions[0].id, name: functions[1].name, reason: 'dynamic-receiver', line: 3, column: 9 }],
      verdicts: { resolved: edges.size, candidates: 0, external: 0, unresolved: 1 }, diagnostics: [],
    };
  }
  return { modules, partition };
}

/** Publishes the graph in the stores, as indexing would. Gives how many nodes and edges there are, and the snapshot. */
export async function publishGraph({ graphStore, metadataStore }, { modules, partition }) {
  const manifest = [];
  let nodes = 0;
  let edges = 0;
  const partitions = modules.map((_, index) => {
    const made = partition(index);
    const digest = digestPartition(made, sha256);
    manifest.push({ path: made.path, digest });
    nodes += made.nodes.length;
    edges += made.edges.length;
    return { digest, partition: made };
  });
  async function* batches() {
    while (partitions.length > 0) yield partitions.splice(0, 100);
  }
  const snapshot = {
    id: 's-bench', repository: 'bench', branch: 'main', dirty: false, source: sha256('bench'), digest: digestManifest(manifest, sha256), createdAt: new Date(0).toISOString(), indexerVersion: 'bench',
    configuration: sha256(''), stats: { files: modules.length, bytes: 0, symbols: 0, nodes: {}, edges: {}, languages: {}, verdicts: { resolved: 0, candidates: 0, external: 0, unresolved: 0 }, unresolvedByReason: {}, diagnostics: 0, skipped: {} },
  };
  const cpu = process.cpuUsage();
  await graphStore.publish({ snapshot, manifest, partitions: batches() });
  const { user, system } = process.cpuUsage(cpu);
  await metadataStore.saveRepository({ id: 'bench', name: 'bench', location: '/nowhere', kind: 'bare' });
  return { nodes, edges, publishCpuSeconds: (user + system) / 1e6 };
}
