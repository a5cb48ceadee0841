// How fast source becomes syntax trees, node arrays and facts, in one thread and by the pool. Runs on the built package:
//   npm run build && node bench/parse-only.mjs [--rounds 5] [--workers 2] <file or folder> ...
import { parseArgs } from 'node:util';
import { loadParsing } from './parsing.mjs';

const built = (file) => import(new URL(`../dist/${file}`, import.meta.url).href);
const { walkMemory } = await built('adapters/tree-sitter/memory-walk.js');
const { KindNames, readTables } = await built('adapters/tree-sitter/grammar-tables.js');
const { SyntaxNodes, ParsedSource } = await built('adapters/tree-sitter/syntax-nodes.js');
const { createTreeSitterParser } = await built('adapters/tree-sitter/parser.js');
const { encodeFacts } = await built('domain/facts-codec.js');

/** Median and best MB/s of the rounds by the clock; MB for each CPU second of the best, which a busy machine disturbs least. */
async function measure(bytes, rounds, work) {
  const seconds = [];
  const cpu = [];
  for (let round = -1; round < rounds; round++) {
    const before = process.cpuUsage();
    const started = performance.now();
    await work();
    if (round < 0) continue; // the first warms up
    seconds.push((performance.now() - started) / 1000);
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1e6);
  }
  for (const values of [seconds, cpu]) values.sort((a, b) => a - b);
  const speed = (time) => (bytes / 1e6 / time).toFixed(2);
  return { 'MB/s': speed(seconds[seconds.length >> 1]), 'best': speed(seconds[0]), 'CPU s': cpu[0].toFixed(2), 'MB/CPU s': speed(cpu[0]) };
}

/** Speeds of parsing, parsing and reading the tree, and everything up to encoded facts, for the files below `paths`. */
async function benchParseOnly(paths, { rounds, workers }) {
  const parsing = await loadParsing();
  const all = [...parsing.sources(paths)];
  const rows = [];
  for (const language of new Set(all.map((source) => source.language))) {
    const sources = all.filter((source) => source.language === language);
    const { extractor, grammar } = parsing.language(language);
    const names = new KindNames(grammar);
    const tables = readTables(parsing.core.exports, grammar, names);
    const nodes = new SyntaxNodes();
    const bytes = sources.reduce((sum, source) => sum + source.bytes.length, 0);
    let count = 0;
    let factBytes = 0;
    const each = (visit) => () => {
      count = 0;
      factBytes = 0;
      for (const source of sources) parsing.parse(source, (tree) => visit(source, tree));
    };
    const walk = (tree, length) => {
      walkMemory(parsing.core.exports, tree, Math.max(length, 2), tables, nodes);
      count += nodes.count;
    };
    const size = { language, files: sources.length, MB: (bytes / 1e6).toFixed(2) };
    rows.push({ ...size, what: 'parse', ...(await measure(bytes, rounds, each(() => undefined))) });
    rows.push({ ...size, what: 'parse, walk', ...(await measure(bytes, rounds, each(({ bytes: file }, tree) => walk(tree, file.length)))), nodes: count });
    rows.push({ ...size, what: 'parse, walk, extract', ...(await measure(bytes, rounds, each(({ bytes: file }, tree) => {
      walk(tree, file.length);
      extractor.extract(new ParsedSource(names, nodes, file));
    }))) });
    rows.push({ ...size, what: 'parse, walk, extract, encode', ...(await measure(bytes, rounds, each(({ bytes: file }, tree) => {
      walk(tree, file.length);
      factBytes += encodeFacts(extractor.extract(new ParsedSource(names, nodes, file))).length;
    }))), 'facts MB': (factBytes / 1e6).toFixed(2) });
  }
  const bytes = all.reduce((sum, source) => sum + source.bytes.length, 0);
  for (const count of [0, workers]) {
    const parser = createTreeSitterParser({ workers: count });
    const work = async () => {
      for await (const output of parser.extract(all)) void output;
    };
    rows.push({ language: 'all', files: all.length, MB: (bytes / 1e6).toFixed(2), what: count === 0 ? 'Parser, this thread' : `Parser, ${count} workers`, ...(await measure(bytes, rounds, work)) });
    await parser.close();
  }
  return rows;
}

const { values, positionals: paths } = parseArgs({ allowPositionals: true, options: { rounds: { type: 'string', default: '5' }, workers: { type: 'string', default: '2' } } });
if (paths.length === 0) {
  console.error('usage: node bench/parse-only.mjs [--rounds 5] [--workers 2] <file or folder> ...');
  process.exit(2);
}
console.table(await benchParseOnly(paths, { rounds: Number(values.rounds), workers: Number(values.workers) }));
