#!/usr/bin/env node
// Throws damaged input at the parser with its extractors, at the linker and at the readers of configuration files:
//   npm run fuzz -- --seconds 300 --seed 7          as long as told
//   npm run fuzz -- --iterations 200                as often as told (what the tests do)
//   npm run fuzz -- --target linker                 one of parser, linker, configuration
// What must hold: nothing throws; facts are well-formed in size and language, and the same when read twice; every call site has one verdict; linking twice, and in
// another order of files, gives the same partitions; nothing takes longer than SLOW_MS. A failure prints seed and iteration, writes what it fell over into a
// folder, and exits 1. Needs the built package (npm run build).
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { createTreeSitterParser } = await built('adapters/tree-sitter/parser.js');
const { decodeFacts } = await built('domain/facts-codec.js');
const { encodePartition } = await built('domain/partition-codec.js');
const { linkSnapshot } = await built('domain/linking/link-snapshot.js');
const { isConfiguration } = await built('domain/linking/languages/index.js');
const { readConfiguration } = await built('infrastructure/config-schema.js');

const { values } = parseArgs({ options: {
  seconds: { type: 'string' }, iterations: { type: 'string' }, seed: { type: 'string' }, target: { type: 'string' }, folder: { type: 'string', default: join(tmpdir(), 'codeloom-fuzz') },
} });
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const until = values.seconds === undefined ? Infinity : performance.now() + 1000 * Number(values.seconds);
const most = values.iterations === undefined ? (values.seconds === undefined ? 200 : Infinity) : Number(values.iterations);
const SLOW_MS = 60_000;

/** mulberry32: a small generator whose stream is decided by its seed. */
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The fixtures of the languages, folder by folder: each is a small repository. */
function readFixtures() {
  const fixtures = [];
  for (const language of readdirSync(join(root, 'test/languages'))) {
    const folder = join(root, 'test/languages', language, 'fixtures');
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      const files = new Map();
      for (const path of readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).sort()) {
        if (statSync(join(folder, name, path)).isFile()) files.set(path.replaceAll('\\', '/'), readFileSync(join(folder, name, path)));
      }
      fixtures.push(files);
    }
  }
  return fixtures;
}

const parser = createTreeSitterParser({ workers: 0 });
const fixtures = readFixtures();
const sources = fixtures.flatMap((files) => [...files].filter(([path]) => parser.languageOf(path) !== undefined));
const configurations = fixtures.flatMap((files) => [...files].filter(([path]) => isConfiguration(path)));
const TOKENS = [
  '(', ')', '{', '}', '[', ']', '<', '>', '=>', '=', ';', ',', ':', '.', '?.', '...', '`', '${', '"', "'", '\\', '\n', '\r\n', '\t', '    ', '@', '#', '#!', '//', '/*', '*/', '/**', '"""', '*', '**', '&&', '??', '|', '!',
  'class ', 'extends ', 'implements ', 'function ', 'async ', 'await ', 'yield ', 'import ', 'export ', 'default ', 'from ', 'require(', 'module.exports', 'exports.', 'this.', 'super', 'new ', 'static ', 'get ', 'type ', 'interface ', 'enum ', 'namespace ', 'declare ',
  'def ', 'lambda ', 'with ', 'match x:\n', 'case ', 'global ', 'nonlocal ', 'self.', 'cls', 'print', '__all__', '__getattr__', 'return ', 'if ', 'else', 'for ', 'in ', 'of ', 'try', 'except ', 'constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty',
  '\0', '\ufeff', '\u2028', '\ud83d\ude00', 'é', '\u202e', '0', '1e999', 'null', 'undefined', 'true', '<T,>', '<a b={', '/>', 'typeof ', 'keyof ', 'infer ', 'satisfies ', 'as const', '@overload\n', ': str', '-> ',
].map((token) => Buffer.from(token));
const CONFIGURED = [
  '"extends"', '"paths"', '"include"', '"exclude"', '"references"', '"baseUrl"', '"compilerOptions"', '"workspaces"', '"exports"', '"imports"', '"main"', '"name"', '"*"', '"./*"', '"../.."', '"**/*"', '"{a,b}"', '"${configDir}/x"', '"__proto__"', '"constructor"', 'null', '[', ']', '{', '}', ',', ':', '-1',
  'packages:', '- ', '&a', '*a', '|', '[tool.', '[[', ']]', ' = ', '[options]', 'package_dir =', 'where = ["src"]', 'find_packages(', '"store"', '"retention"', '1e400', '\\u0000', '//', '/*', '"', "'", '\n', '\ufeff',
].map((token) => Buffer.from(token));

/** A few changes: pieces cut out, doubled, moved in from another text, bytes turned, tokens put in. */
function mutate(random, bytes, others, tokens) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const spot = (length) => Math.floor(random() * (length + 1));
  let result = Buffer.from(bytes);
  for (let changes = 1 + Math.floor(random() * random() * 12); changes > 0; changes--) {
    const at = spot(result.length);
    const end = Math.min(result.length, at + Math.floor(random() ** 3 * 400));
    const head = result.subarray(0, at);
    switch (Math.floor(random() * 8)) {
      case 0: result = Buffer.concat([head, result.subarray(end)]); break;
      case 1: result = Buffer.concat([head, ...Array.from({ length: 1 + Math.floor(random() ** 6 * 300) }, () => result.subarray(at, end)), result.subarray(at)]); break;
      case 2: { const [, other] = pick(others); const from = spot(other.length); result = Buffer.concat([head, other.subarray(from, from + Math.floor(random() * 300)), result.subarray(at)]); break; }
      case 3: if (at < result.length) result[at] = Math.floor(random() * 256); break;
      case 4: result = Buffer.concat([head, ...Array.from({ length: 1 + Math.floor(random() ** 8 * 3000) }, ((token) => () => token)(pick(tokens))), result.subarray(at)]); break;
      case 5: result = head; break;
      case 6: result = Buffer.concat([head, Buffer.from(Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256))), result.subarray(at)]); break;
      default: result = Buffer.concat([head, pick(tokens), pick(tokens), result.subarray(at)]);
    }
    if (result.length > 60_000) result = result.subarray(0, 60_000);
  }
  return result;
}

/** Sources that were not parsed in time: the parser's own limit, which holds. */
let late = 0;

function expectThat(condition, message) {
  if (!condition) throw new Error(message);
}

async function factsOf(inputs) {
  const found = new Map();
  for await (const { key, facts, provisional } of parser.extract(inputs)) {
    if (provisional === true) late++;
    found.set(key, Buffer.from(facts));
  }
  expectThat(found.size === inputs.length, `${inputs.length} sources gave ${found.size} results`);
  return found;
}

function checkFacts(bytes, encoded, language) {
  const facts = decodeFacts(encoded);
  expectThat(facts.language === language && facts.bytes === bytes.length, 'the facts are of another file');
  for (const { code, message } of facts.diagnostics) expectThat(code !== 'parser-failed', `an extractor failed: ${message}`);
  for (const { range } of facts.definitions) expectThat(range.start.offset <= range.end.offset, 'a definition ends before it starts');
  return facts;
}

const TARGETS = {
  async parser(random, keep) {
    const [path, original] = sources[Math.floor(random() * sources.length)];
    const bytes = random() < 0.05 ? Buffer.from(Array.from({ length: Math.floor(random() * 5000) }, () => Math.floor(random() * 256))) : mutate(random, original, sources, TOKENS);
    const inputs = parser.languages.map((language) => ({ key: language, language, bytes }));
    keep(path, bytes);
    const lateBefore = late;
    const once = await factsOf(inputs);
    const again = late > lateBefore ? once : await factsOf([...inputs].reverse());
    for (const { key } of inputs) {
      expectThat(once.get(key).equals(again.get(key)), `${key}: the facts differ when read again`);
      checkFacts(bytes, once.get(key), key);
    }
  },

  async linker(random, keep) {
    const files = new Map();
    for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
      const prefix = random() < 0.5 ? '' : `p${count}/`;
      for (const [path, bytes] of fixtures[Math.floor(random() * fixtures.length)]) files.set(prefix + path, bytes);
    }
    for (const [path, bytes] of files) {
      if (random() < 0.3) files.set(path, isConfiguration(path) ? mutate(random, bytes, configurations, CONFIGURED) : mutate(random, bytes, sources, TOKENS));
      // The same content under another name, another language and in another folder.
      if (random() < 0.05) files.set(path.replace(/(\.[a-z]+)?$/, ['.ts', '.js', '.py', '.d.ts', '/index.ts', '/__init__.py'][Math.floor(random() * 6)]), bytes);
      if (random() < 0.05) files.delete(path);
    }
    for (const [path, bytes] of files) keep(path, bytes);
    await link(files);
  },

  async configuration(random, keep) {
    const files = new Map(fixtures[Math.floor(random() * fixtures.length)]);
    for (const name of ['package.json', 'tsconfig.json', 'pnpm-workspace.yaml', 'pyproject.toml', 'setup.cfg', 'setup.py', 'requirements.txt', 'lerna.json', 'mypy.ini', 'pyrightconfig.json', 'a/tsconfig.json', 'a/package.json']) {
      if (random() < 0.5) continue;
      const [, bytes] = configurations[Math.floor(random() * configurations.length)];
      files.set(name, mutate(random, random() < 0.2 ? Buffer.alloc(0) : bytes, configurations, CONFIGURED));
    }
    const own = mutate(random, Buffer.from('{ "store": "x", "include": ["src/**"], "retention": { "days": 3 }, "workers": 2 }'), configurations, CONFIGURED);
    files.set('codeloom.config.json', own);
    for (const [path, bytes] of files) if (isConfiguration(path) || path === 'codeloom.config.json') keep(path, bytes);
    try {
      readConfiguration(own.toString(), 'codeloom.config.json');
    } catch (error) {
      expectThat(error.code === 'invalid-configuration', `codeloom.config.json: ${error.stack}`);
    }
    await link(files);
  },
};

/** Links twice, the second time from a listing in another order. */
async function link(files) {
  const inputs = [...files].flatMap(([path, bytes]) => (parser.languageOf(path) === undefined ? [] : [{ key: path, language: parser.languageOf(path), bytes }]));
  const encoded = await factsOf(inputs);
  const facts = new Map(inputs.map(({ key, language, bytes }) => [key, checkFacts(bytes, encoded.get(key), language)]));
  const run = (order) => {
    const paths = new Set(order([...files.keys()]));
    const sources = [...facts.keys()].sort((a, b) => (a < b ? -1 : 1)).map((path) => ({ path, blob: '0'.repeat(40), language: facts.get(path).language, version: path, facts: () => facts.get(path) }));
    const text = (path) => (isConfiguration(path) && files.has(path) ? files.get(path).toString() : undefined);
    return [...linkSnapshot({ sources, context: { paths, configuration: text } })];
  };
  const partitions = run((paths) => paths.sort());
  const again = run((paths) => paths.sort().reverse());
  expectThat(partitions.length === facts.size, `${facts.size} files gave ${partitions.length} partitions`);
  const ids = new Set(partitions.flatMap(({ nodes }) => nodes.map(({ id }) => id)));
  for (const [index, partition] of partitions.entries()) {
    const { path, verdicts, edges, unresolved } = partition;
    expectThat(encodePartition(partition) === encodePartition(again[index]), `${path}: linking twice differs`);
    const sites = facts.get(path).sites.length;
    const sum = verdicts.resolved + verdicts.candidates + verdicts.external + verdicts.unresolved;
    expectThat(sum === sites, `${path}: ${sites} call sites, ${sum} verdicts`);
    expectThat(unresolved.length === verdicts.unresolved, `${path}: ${unresolved.length} unresolved sites, ${verdicts.unresolved} counted`);
    for (const { from, to } of edges) expectThat(ids.has(from) && ids.has(to), `${path}: an edge from ${from} to ${to}, which is not there`);
  }
}

const chosen = values.target === undefined ? Object.keys(TARGETS) : [values.target];
if (chosen.some((target) => !Object.hasOwn(TARGETS, target))) throw new Error(`There is no target ${values.target}; there are ${Object.keys(TARGETS).join(', ')}.`);
const counts = Object.fromEntries(chosen.map((target) => [target, 0]));
let failures = 0;
let slowest = 0;
for (let iteration = 0; iteration < most && performance.now() < until && failures < 5; iteration++) {
  const target = chosen[iteration % chosen.length];
  const random = generator(createHash('sha256').update(`${seed} ${target} ${iteration}`).digest().readUInt32LE(0));
  const kept = [];
  const started = performance.now();
  try {
    await TARGETS[target](random, (path, bytes) => kept.push([path, bytes]));
    const took = performance.now() - started;
    slowest = Math.max(slowest, took);
    expectThat(took < SLOW_MS, `it took ${Math.round(took)} ms`);
  } catch (error) {
    failures++;
    const folder = join(values.folder, `${target}-${seed}-${iteration}`);
    for (const [path, bytes] of kept) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    console.error(`${target} fails at --seed ${seed}, iteration ${iteration}: ${error.stack}\nIts input lies in ${folder}\n`);
  }
  counts[target]++;
}
await parser.close();
console.log(`seed ${seed}: ${Object.entries(counts).map(([target, count]) => `${target} ${count}`).join(', ')}; slowest ${Math.round(slowest)} ms; ${failures === 0 ? 'nothing found' : `${failures} failures`}${late === 0 ? '' : `; ${late} not parsed in time`}`);
process.exitCode = failures === 0 ? 0 : 1;
