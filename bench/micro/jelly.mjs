// The micro tests of Jelly that come with a recorded call graph: npm run bench:jelly -- <folder of cs-au-dk/jelly, checked out> [--errors] [--record <file>].
// See docs/accuracy.md.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { callsOf, namelessByOwner } from './calls.mjs';

const { values: options, positionals: [folder] } = parseArgs({ allowPositionals: true, options: { errors: { type: 'boolean', default: false }, record: { type: 'string' } } });
const cases = folder === undefined ? undefined : [join(folder, 'tests/micro'), join(folder, 'micro')].find((each) => existsSync(each));
if (cases === undefined) {
  console.error('usage: npm run bench:jelly -- <folder of cs-au-dk/jelly, checked out> [--errors] [--record <file>]');
  process.exit(2);
}
const results = [];
for (const name of readdirSync(cases).filter((each) => each.endsWith('.json')).sort()) {
  const recorded = JSON.parse(readFileSync(join(cases, name), 'utf8'));
  if (recorded.fun2fun !== undefined && recorded.files !== undefined) results.push({ name: name.replace(/\.json$/, ''), ...compare(recorded, await found(recorded)) });
}
report();

/** What a case is about: its name without its number. */
function category(name) {
  return name.replace(/\d.*$/, '');
}

/** Indexes the files of a case and gives its calls with lines: of the function that calls and of the call, to the function that is called. */
async function found({ files }) {
  const tree = {};
  const add = (path) => (existsSync(join(cases, path)) ? (tree[path] = new Uint8Array(readFileSync(join(cases, path)))) : undefined);
  for (const path of files.map((each) => normalize(each))) {
    add(path);
    for (let at = dirname(path); at !== '.' && !at.startsWith('..'); at = dirname(at)) add(join(at, 'package.json'));
  }
  const { calls, facts } = await callsOf(tree);
  const functions = new Map([...facts].map(([path, each]) => [path, functionsOf(path, Buffer.from(tree[path]).toString(), each)]));
  const edges = [];
  for (const { to, construct, certain, path, line, column } of calls) {
    for (const target of targets(to, construct, functions)) {
      edges.push({ path, line, column, to: target, certain });
    }
  }
  return edges;
}

/** Where a callee's function starts: a class is called by its constructor, or by itself where it declares none. */
function targets(to, construct, functions) {
  if (to.nameless !== undefined) return [`${to.path}:${functions.get(to.path).get(to.nameless) ?? '?'}`];
  const starts = (node) => `${node.path}:${node.range.start.line}`;
  const byName = functions.get(to.path)?.get(to.node.id);
  return [...new Set([starts(to.node), ...(byName === undefined ? [] : [`${to.path}:${byName}`]), ...(construct === undefined ? [] : [starts(construct)])])];
}

/** The lines on which the functions of a file start, by their index in the facts: both lists nest alike, so that the nth in a function is the nth. */
function functionsOf(path, text, facts) {
  const lines = new Map();
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, /\.[cm]?ts$/.test(path) ? ts.ScriptKind.TS : ts.ScriptKind.JSX);
  const groups = namelessByOwner(facts);
  const align = (owner, node) => {
    const inner = [];
    const visit = (child) => {
      if (ts.isFunctionLike(child) && child.body !== undefined) inner.push(child);
      else ts.forEachChild(child, visit);
    };
    ts.forEachChild(node, visit);
    const own = groups.get(owner) ?? [];
    if (own.length !== inner.length) return;
    own.forEach((index, position) => {
      lines.set(index, source.getLineAndCharacterOfPosition(inner[position].getStart(source)).line + 1);
      align(index, inner[position]);
    });
  };
  align(-1, source);
  return lines;
}

/** Recall at the level of lines: pairs of the function that calls and the one that is called, and pairs of the call and the function. */
function compare({ files, functions, calls, fun2fun, call2fun }, edges) {
  const at = (table, index) => {
    const [file, line, column, endLine, endColumn] = table[index].split(':').map(Number);
    return { path: normalize(files[file]), line, column, endLine, endColumn };
  };
  const text = ({ path, line }) => `${path}:${line}`;
  const wantedFunctions = new Map(fun2fun.map(([from, to]) => [`${text(at(functions, from))} -> ${text(at(functions, to))}`, { from: at(functions, from), to: text(at(functions, to)) }]));
  const wantedCalls = new Map(call2fun.map(([from, to]) => [`${text(at(calls, from))} -> ${text(at(functions, to))}`, { from: at(calls, from), to: text(at(functions, to)) }]));
  const ran = functions.map((_, index) => at(functions, index));
  const judge = (wanted, own) => ({ wanted: wanted.size, missed: [...wanted.keys()].filter((key) => !own.has(key)) });
  const byFunction = (list) => new Set(list.map((edge) => `${text(innermost(ran, edge) ?? { path: edge.path, line: 1 })} -> ${edge.to}`));
  // a call is recorded where it begins, ours stands where the callee's name does
  const called = calls.map((_, index) => at(calls, index));
  const byCall = (list) => new Set(list.map((edge) => `${text(innermost(called, edge) ?? edge)} -> ${edge.to}`));
  const certain = edges.filter((edge) => edge.certain);
  return {
    functions: judge(wantedFunctions, byFunction(edges)), certainFunctions: judge(wantedFunctions, byFunction(certain)),
    calls: judge(wantedCalls, byCall(edges)), certainCalls: judge(wantedCalls, byCall(certain)),
  };
}

/** The innermost of some ranges that holds a place. */
function innermost(ranges, { path, line, column }) {
  const holding = ranges.filter((each) => each.path === path && before(each.line, each.column, line, column) && before(line, column, each.endLine, each.endColumn));
  return holding.sort((a, b) => (before(a.line, a.column, b.line, b.column) ? 1 : -1))[0];
}

function before(lineA, columnA, lineB, columnB) {
  return lineA < lineB || (lineA === lineB && columnA <= columnB);
}

function totals() {
  const rows = {};
  for (const { name, functions, certainFunctions, calls, certainCalls } of results) {
    for (const key of [category(name), 'all']) {
      const row = (rows[key] ??= { cases: 0, edges: 0, found: 0, certain: 0, callEdges: 0, callsFound: 0, callsCertain: 0 });
      row.cases++;
      row.edges += functions.wanted;
      row.found += functions.wanted - functions.missed.length;
      row.certain += functions.wanted - certainFunctions.missed.length;
      row.callEdges += calls.wanted;
      row.callsFound += calls.wanted - calls.missed.length;
      row.callsCertain += calls.wanted - certainCalls.missed.length;
    }
  }
  const { all, ...categories } = rows;
  return { ...categories, all };
}

function report() {
  const rows = totals();
  const { all } = rows;
  const share = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
  console.log(`### Jelly's micro tests\n\n| category | cases | function to function | found | of them certain | call to function | found | of them certain |\n| --- | --- | --- | --- | --- | --- | --- | --- |`);
  for (const [name, row] of Object.entries(rows)) console.log(`| ${[name, ...Object.values(row)].join(' | ')} |`);
  console.log(`| | | | ${share(all.found, all.edges)} | ${share(all.certain, all.edges)} | | ${share(all.callsFound, all.callEdges)} | ${share(all.callsCertain, all.callEdges)} |\n`);
  if (options.errors) for (const { name, calls } of results) for (const edge of calls.missed) console.log(`missed ${name}: ${edge}`);
  if (options.record !== undefined) writeFileSync(options.record, `${JSON.stringify(rows, undefined, 1)}\n`);
}
