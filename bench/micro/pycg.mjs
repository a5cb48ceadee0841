// The micro-benchmark of PyCG: npm run bench:pycg -- <folder of vitsalis/PyCG, checked out> [--errors] [--record <file>]. See docs/accuracy.md.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { treeOf } from '../accuracy/source.mjs';
import { callsOf, namelessByOwner } from './calls.mjs';

const { values: options, positionals: [folder] } = parseArgs({ allowPositionals: true, options: { errors: { type: 'boolean', default: false }, record: { type: 'string' } } });
const snippets = folder === undefined ? undefined : [join(folder, 'micro-benchmark/snippets'), join(folder, 'snippets')].find((each) => existsSync(each));
if (snippets === undefined) {
  console.error('usage: npm run bench:pycg -- <folder of vitsalis/PyCG, checked out> [--errors] [--record <file>]');
  process.exit(2);
}
const results = [];
for (const category of readdirSync(snippets).sort()) {
  for (const name of readdirSync(join(snippets, category)).sort()) {
    const file = join(snippets, category, name, 'callgraph.json');
    if (existsSync(file)) results.push({ category, name, ...compare(JSON.parse(readFileSync(file, 'utf8')), treeOf(join(snippets, category, name), {}), await found(join(snippets, category, name))) });
  }
}
report('certain edges and candidates', 'all');
report('certain edges only', 'certain');
if (options.errors) for (const { category, name, all } of results) for (const [what, edges] of [['missed', all.missed], ['extra', all.extra]]) for (const edge of edges) console.log(`${what} ${category}/${name}: ${edge}`);
if (options.record !== undefined) writeFileSync(options.record, `${JSON.stringify({ all: totals('all'), certain: totals('certain') }, undefined, 1)}\n`);

/** The calls of a snippet by the names that the benchmark gives to their ends, and whether each is certain. */
async function found(snippet) {
  const { calls, facts } = await callsOf(treeOf(snippet, {}));
  const edges = new Map();
  for (const { from, to, construct, certain } of calls) {
    // a class without constructor of its own is no function, nor is what holds one
    const callee = to.node === undefined ? to : { path: (to.node.kind === 'class' ? construct : to.node)?.path, node: to.node.kind === 'class' ? construct : to.node };
    if (callee.node === undefined && callee.nameless === undefined) continue;
    if (callee.node !== undefined && ['variable', 'field'].includes(callee.node.kind)) continue;
    const edge = `${nameOf(from, facts)} -> ${nameOf(callee, facts)}`;
    edges.set(edge, edges.get(edge) === true || certain);
  }
  return edges;
}

/** PyCG's names: module, then what contains it; a lambda is counted in what contains it. */
function nameOf({ path, node, nameless }, facts) {
  const module = path.replace(/\.py$/, '').replace(/(^|\/)__init__$/, '').replaceAll('/', '.');
  if (node?.kind === 'file') return module;
  const index = nameless ?? lambdaOf(node, facts.get(path));
  if (index === undefined) return `${module}.${node.qualifiedName}`;
  for (const [owner, members] of namelessByOwner(facts.get(path))) {
    const position = members.filter((each) => isLambda(facts.get(path), each)).indexOf(index);
    if (position >= 0) return `${module}${owner < 0 ? '' : `.${qualified(facts.get(path), facts.get(path).functions[owner].definition)}`}.<lambda${position + 1}>`;
  }
  return `${module}.<lambda>`;
}

function isLambda(facts, index) {
  const { definition } = facts.functions[index];
  return definition < 0 || facts.definitions[definition].signature === undefined;
}

/** The lambda that a named definition holds. */
function lambdaOf(node, facts) {
  if (node.kind !== 'function' || node.signature !== undefined) return undefined;
  const index = facts.functions.findIndex(({ definition }) => definition >= 0 && facts.definitions[definition].name === node.name && facts.definitions[definition].at?.line === node.at.line);
  return index < 0 ? undefined : index;
}

function qualified(facts, definition) {
  const own = facts.definitions[definition];
  return own.parent >= 0 ? `${qualified(facts, own.parent)}.${own.name}` : own.name;
}

/** Edges between ends within the snippet; what lies outside it, the builtins too, is left out on both sides. */
function compare(expected, tree, edges) {
  const modules = new Set(Object.keys(tree).filter((path) => path.endsWith('.py')).map((path) => path.replace(/\.py$/, '').replace(/(^|\/)__init__$/, '').replaceAll('/', '.')));
  const within = (name) => [...modules].some((module) => name === module || name.startsWith(`${module}.`));
  const wanted = new Set(Object.entries(expected).flatMap(([from, callees]) => callees.filter((to) => within(from) && within(to)).map((to) => `${from} -> ${to}`)));
  const judge = (names) => {
    const own = new Set(names);
    return { wanted: wanted.size, missed: [...wanted].filter((edge) => !own.has(edge)), extra: [...own].filter((edge) => !wanted.has(edge)) };
  };
  // a lambda's own code is that of what is around it
  for (const edge of wanted) {
    const [from, to] = edge.split(' -> ');
    const around = from.replace(/(\.<lambda\d+>)+$/, '');
    if (around === from || !edges.has(`${around} -> ${to}`)) continue;
    edges.set(edge, edges.get(`${around} -> ${to}`));
    if (!wanted.has(`${around} -> ${to}`)) edges.delete(`${around} -> ${to}`);
  }
  return { all: judge(edges.keys()), certain: judge([...edges].filter(([, certain]) => certain).map(([edge]) => edge)) };
}

function totals(which) {
  const rows = {};
  for (const { category, [which]: { wanted, missed, extra } } of results) {
    for (const key of [category, 'all']) {
      const row = (rows[key] ??= { snippets: 0, edges: 0, found: 0, extra: 0, sound: 0, complete: 0 });
      row.snippets++;
      row.edges += wanted;
      row.found += wanted - missed.length;
      row.extra += extra.length;
      row.sound += missed.length === 0 ? 1 : 0;
      row.complete += extra.length === 0 ? 1 : 0;
    }
  }
  const { all, ...categories } = rows;
  return { ...categories, all };
}

function report(title, which) {
  console.log(`### PyCG's micro-benchmark, ${title}\n\n| category | snippets | edges | found | extra | sound | complete |\n| --- | --- | --- | --- | --- | --- | --- |`);
  for (const [category, row] of Object.entries(totals(which))) console.log(`| ${[category, ...Object.values(row)].join(' | ')} |`);
  console.log('');
}
