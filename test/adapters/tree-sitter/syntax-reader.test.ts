import { beforeAll, describe, expect, it } from 'vitest';
import { compiledCore, compiledGrammar } from '../../../src/adapters/tree-sitter/grammars.js';
import { compareReaders } from '../../../src/adapters/tree-sitter/self-test.js';
import { EXTRA, HAS_ERROR, MISSING, NAMED, ParsedSource, SyntaxNodes } from '../../../src/adapters/tree-sitter/syntax-nodes.js';
import { KindNames, readTables } from '../../../src/adapters/tree-sitter/grammar-tables.js';
import { walkMemory } from '../../../src/adapters/tree-sitter/memory-walk.js';
import { SyntaxReader } from '../../../src/adapters/tree-sitter/syntax-reader.js';
import { WasmCore } from '../../../src/adapters/tree-sitter/wasm-core.js';

const GRAMMARS = ['tree-sitter-typescript.wasm', 'tree-sitter-tsx.wasm', 'tree-sitter-javascript.wasm', 'tree-sitter-python.wasm'];
const [TYPESCRIPT = '', , JAVASCRIPT = '', PYTHON = ''] = GRAMMARS;

describe('the self-test of the readers', () => {
  let core: WasmCore;
  beforeAll(async () => {
    core = await WasmCore.start(compiledCore().module);
  });
  const load = (file: string): Parameters<typeof compareReaders>[1] => {
    const language = core.library.Language.loadSync(compiledGrammar(file).module);
    const parser = new core.library.Parser();
    parser.setLanguage(language);
    const names = new KindNames(language);
    return { file, parser, names, tables: readTables(core.exports, language, names) };
  };

  it.each(GRAMMARS)('finds memory and cursor agreeing in every array of every node: %s', (file) => {
    expect(compareReaders(core, load(file))).toBe('');
  });

  it.each([
    ['a field table shifted by one', (tables: ReturnType<typeof readTables>) => ({ ...tables, fields: tables.fields.slice(1) })],
    ['no aliases', (tables: ReturnType<typeof readTables>) => ({ ...tables, aliases: new Uint16Array(tables.aliases.length) })],
    ['symbols not folded', (tables: ReturnType<typeof readTables>) => ({ ...tables, symbols: tables.symbols.map((_, i) => i) })],
  ])('notices %s', (_, wrong) => {
    const grammar = load(TYPESCRIPT);
    expect(compareReaders(core, { ...grammar, tables: wrong(grammar.tables) })).not.toBe('');
  });
});

describe('the walk through memory', () => {
  it('refuses what is no tree, wherever it looks', async () => {
    const core = await WasmCore.start(compiledCore().module);
    const language = core.library.Language.loadSync(compiledGrammar(PYTHON).module);
    const tables = readTables(core.exports, language, new KindNames(language));
    const nodes = new SyntaxNodes();
    const started = performance.now();
    let refused = 0;
    for (let address = 8; address < 4 << 20; address += 4_096) {
      try {
        walkMemory(core.exports, address, 1_000, tables, nodes);
      } catch (error) {
        expect(error).toMatchObject({ code: 'parser-failed' });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('a core that traps', () => {
  it('says so, and another takes its place', async () => {
    const core = await WasmCore.start(compiledCore().module);
    const parser = new core.library.Parser();
    core.exports._ts_parser_parse_wasm = () => {
      throw new WebAssembly.RuntimeError('unreachable');
    };
    expect(() => core.parse(parser, Buffer.from('x'))).toThrow('unreachable');
    expect(core.broken).toBe(true);
    const next = await SyntaxReader.start(compiledCore());
    next.add(PYTHON, compiledGrammar(PYTHON));
    expect(next.read(PYTHON, Buffer.from('x\n'), 1_000).outcome).toBe('read');
    expect(next.broken).toBe(false);
  });
});

describe('SyntaxReader', () => {
  let reader: SyntaxReader;
  let distrustful: SyntaxReader;
  beforeAll(async () => {
    reader = await SyntaxReader.start(compiledCore());
    distrustful = await SyntaxReader.start({ ...compiledCore(), sha256: 'another release' });
    for (const file of GRAMMARS) {
      reader.add(file, compiledGrammar(file));
      distrustful.add(file, compiledGrammar(file));
    }
  });
  const read = (file: string, source: string | Uint8Array, by = reader): ParsedSource => {
    const bytes = Buffer.from(source);
    const reading = by.read(file, bytes, 10_000);
    if (reading.outcome !== 'read') throw new Error(reading.outcome);
    expect(reading.fallback).toBe('');
    return new ParsedSource(reading.grammar, reading.nodes, bytes);
  };
  const find = (source: ParsedSource, kind: string): number[] => {
    const id = source.grammar.kind(kind);
    return [...source.nodes.kind.subarray(0, source.nodes.count).keys()].filter((i) => source.nodes.kind[i] === id);
  };

  it('reads kinds, fields, text and family of nodes', () => {
    const source = read(JAVASCRIPT, 'async function f(a, /* c */ b) {}\n');
    const [f = -1] = find(source, 'function_declaration');
    expect(source.text(source.childByField(f, source.grammar.field('name')))).toBe('f');
    const parameters = source.childByField(f, source.grammar.field('parameters'));
    expect(source.namedChildren(parameters).map((node) => source.text(node))).toEqual(['a', 'b']);
    expect(source.text(source.childOfKind(f, source.grammar.kind('async', false)))).toBe('async');
    const [comment = -1] = find(source, 'comment');
    expect((source.nodes.flags[comment] ?? 0) & (EXTRA | NAMED)).toBe(EXTRA | NAMED);
    expect(source.nodes.parent[f]).toBe(0);
    expect(source.nodes.next[0]).toBe(source.nodes.count);
    expect(source.nodes.depth).toBe(3);
  });

  it('folds the ids of one name into one, and tells named from anonymous', () => {
    const { grammar } = read(TYPESCRIPT, 'let a: string = "x"\n');
    const names = new Set<string>();
    for (let id = 0; id < 1_000; id++) {
      const name = grammar.kindName(id);
      if (name !== '') names.add(name);
    }
    expect(names.size).toBeGreaterThan(250);
    expect(grammar.kindName(grammar.kind('string', true))).toBe('string');
    expect(grammar.kind('string', false)).not.toBe(grammar.kind('string', true));
    expect(grammar.kind('string')).toBe(grammar.kind('string', true));
    expect(grammar.kind('async')).toBe(grammar.kind('async', false));
    expect([grammar.kind('no such kind'), grammar.field('no such field'), grammar.kindName(65_535)]).toEqual([-1, 0, 'ERROR']);
    const source = read(TYPESCRIPT, 'class A { m(): void {} }\nx as any\n');
    for (let i = 0; i < source.nodes.count; i++) {
      const id = source.nodes.kind[i] ?? -1;
      expect(grammar.kind(grammar.kindName(id), source.isNamed(i))).toBe(id);
    }
    // The grammars have ids of their own for member expressions in JSX and for blocks without statements.
    const jsx = read(JAVASCRIPT, 'a.b; v = <A.B>{c.d}</A.B>\n');
    expect(find(jsx, 'member_expression').map((node) => jsx.text(node))).toEqual(['a.b', 'A.B', 'c.d', 'A.B']);
    const blocks = read(PYTHON, 'if a: b\nmatch x:\n  case 1:\n    c\n');
    expect(find(blocks, 'block')).toHaveLength(3);
  });

  it('flags what is missing and what does not parse', () => {
    const source = read(JAVASCRIPT, 'f(a;\nlet = = 3\n');
    const flags = [...source.nodes.flags.subarray(0, source.nodes.count)];
    expect((flags[0] ?? 0) & HAS_ERROR).toBe(HAS_ERROR);
    expect(flags.some((flag) => (flag & MISSING) !== 0) || find(source, 'ERROR').length > 0).toBe(true);
    expect((read(JAVASCRIPT, 'f(a)\n').nodes.flags[0] ?? 0) & HAS_ERROR).toBe(0);
  });

  it('gives positions in bytes, UTF-16 columns and lines', () => {
    const text = '\ufeffx = "é漢😀" + y  # 😀\nz = "ß" + w\r\nv = 1';
    const source = read(PYTHON, text);
    const places = Object.fromEntries(find(source, 'identifier').map((node) => [source.text(node), source.startOf(node)]));
    expect(places).toEqual({
      x: { line: 1, column: 1, offset: 3 }, y: { line: 1, column: text.indexOf('y'), offset: Buffer.byteLength(text.slice(0, text.indexOf('y'))) },
      z: { line: 2, column: 1, offset: Buffer.byteLength(text.slice(0, text.indexOf('z'))) }, w: { line: 2, column: 11, offset: Buffer.byteLength(text.slice(0, text.indexOf('w'))) },
      v: { line: 3, column: 1, offset: Buffer.byteLength(text.slice(0, text.indexOf('v'))) },
    });
    expect(source.endOf(0)).toEqual({ line: 3, column: 6, offset: Buffer.byteLength(text) });
    expect(source.lineCount).toBe(3);
  });

  it('finds a position in a long line with wide characters as fast as in a short one', () => {
    const line = `x = ["é", ${'a1, '.repeat(100_000)}b]\n`;
    const source = read(PYTHON, line);
    const started = performance.now();
    const names = find(source, 'identifier');
    const last = names[names.length - 1] ?? -1;
    for (const node of names) source.startOf(node);
    expect(source.startOf(last).column).toBe(line.indexOf('b]') + 1);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it.each([['', 0], ['\n', 1], ['a', 1], ['é', 1], ['a\n', 1], ['a\nb', 2]])('reads tiny files: %j', (text, lines) => {
    const source = read(PYTHON, text);
    expect(source.lineCount).toBe(lines);
    for (let i = 0; i < source.nodes.count; i++) expect(source.nodes.end[i]).toBeLessThanOrEqual(Buffer.byteLength(text));
    expect(find(source, 'identifier').map((node) => source.text(node))).toEqual([...text.matchAll(/\p{L}/gu)].map(([name]) => name));
  });

  it('reads files far longer than the core’s buffer, with a wide character at every place about its end', () => {
    for (let shift = 0; shift < 8; shift++) {
      const text = `${'#'.repeat(10_232 + shift)}😀é\nlast = ${'"漢"'.repeat(9_000)}\nend\n`;
      const source = read(PYTHON, text);
      expect((source.nodes.flags[0] ?? 0) & HAS_ERROR).toBe(0);
      expect(find(source, 'identifier').map((node) => source.text(node))).toEqual(['last', 'end']);
    }
  });

  it('walks 100,000 levels of nesting', () => {
    const depth = 100_000;
    expect(read(PYTHON, `${'('.repeat(depth)}x${')'.repeat(depth)}\n`).nodes.depth).toBeGreaterThan(depth);
  });

  it('stops at the deadline, and reads the next file as if nothing had been', () => {
    const whole = read(TYPESCRIPT, 'const a = 1\n').nodes.count;
    const started = performance.now();
    expect(reader.read(TYPESCRIPT, Buffer.from('const a = { b: [1, 2, 3] }\n'.repeat(100_000)), 20)).toEqual({ outcome: 'exhausted', limit: 'time' });
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(read(TYPESCRIPT, 'const a = 1\n').nodes.count).toBe(whole);
  });

  it('compares the readers for files of another release, and then reads from memory too', () => {
    expect(read(PYTHON, 'def f(): pass\n', distrustful).nodes.count).toBe(read(PYTHON, 'def f(): pass\n').nodes.count);
  });

  it('reads through the cursor where nothing vouches for memory, to the same nodes', () => {
    reader.add('unheard-of.wasm', { ...compiledGrammar(PYTHON), sha256: 'another release' });
    for (const text of ['', 'é = "漢😀" + f(x)\n', 'def f(a, *b):\n    # c\n    return [a, b]\n']) {
      const bytes = Buffer.from(text);
      const slow = reader.read('unheard-of.wasm', bytes, 1_000);
      if (slow.outcome !== 'read') throw new Error(slow.outcome);
      expect(slow.fallback).not.toBe('');
      const arrays = ['kind', 'field', 'flags', 'start', 'end', 'row', 'column', 'parent', 'next'] as const;
      const copy = (nodes: SyntaxNodes): number[][] => arrays.map((name) => [...nodes[name].subarray(0, nodes.count)]);
      const expected = copy(slow.nodes);
      expect(copy(read(PYTHON, bytes).nodes)).toEqual(expected);
    }
    const invalid = reader.read('unheard-of.wasm', Buffer.from('x = "\xe9" + y\n', 'latin1'), 1_000);
    if (invalid.outcome === 'read') expect(invalid.nodes.end[0]).toBe(12);
  });
});
