import { beforeAll, describe, expect, it } from 'vitest';
import { extractSource, MAX_DEPTH, type SourceLimits } from '../../../src/adapters/tree-sitter/extract-source.js';
import { FactsBuilder } from '../../../src/adapters/tree-sitter/facts-builder.js';
import { compiledCore, compiledGrammar } from '../../../src/adapters/tree-sitter/grammars.js';
import type { LanguageExtractor } from '../../../src/adapters/tree-sitter/language-extractor.js';
import type { ParsedSource } from '../../../src/adapters/tree-sitter/syntax-nodes.js';
import { SyntaxReader } from '../../../src/adapters/tree-sitter/syntax-reader.js';
import type { FileFacts } from '../../../src/domain/file-facts.js';

/** What a file may cost, whatever it holds. The extractor here makes a variable of every identifier. */
describe('extractSource', () => {
  let reader: SyntaxReader;
  beforeAll(async () => {
    reader = await SyntaxReader.start(compiledCore());
    reader.add('tree-sitter-python.wasm', compiledGrammar('tree-sitter-python.wasm'));
  });

  const identifiers = (source: ParsedSource): FileFacts => {
    const builder = new FactsBuilder();
    const identifier = source.grammar.kind('identifier');
    for (let i = 0; i < source.nodes.count; i++) {
      if (source.nodes.kind[i] !== identifier) continue;
      builder.definition({ kind: 'variable', name: source.text(i), parent: -1, scope: 0, range: { start: source.startOf(i), end: source.endOf(i) }, at: source.startOf(i) });
    }
    return builder.build({ language: 'python', lines: source.lineCount, bytes: source.bytes.length });
  };
  const extractorOf = (extract: (source: ParsedSource) => FileFacts): LanguageExtractor => ({ language: 'python', grammar: 'tree-sitter-python.wasm', version: 1, extensions: ['.py'], interpreters: [], extract });
  const extract = (file: string | Uint8Array, limits: Partial<SourceLimits> = {}, by = identifiers): FileFacts =>
    extractSource(reader, extractorOf(by), Buffer.from(file), { maxBytes: 100_000, timeoutMs: 5_000, ...limits });
  const names = (facts: FileFacts): string[] => facts.definitions.map(({ name }) => name);
  const codes = (facts: FileFacts): string[] => facts.diagnostics.map(({ code }) => code);

  it('gives what the extractor gives', () => {
    expect(extract('a = b\n')).toMatchObject({ lines: 1, bytes: 6, definitions: [{ name: 'a' }, { name: 'b' }], diagnostics: [] });
  });

  it('counts the lines of a file that is too large', () => {
    const facts = extract('a = b\n'.repeat(20_000));
    expect(facts).toMatchObject({ lines: 20_000, bytes: 120_000, definitions: [] });
    expect(facts.diagnostics).toEqual([{ code: 'too-large', message: 'The file has 120000 bytes; at most 100000 are parsed.' }]);
  });

  it('takes a NUL near the start for a binary file, and one far behind for text', () => {
    expect(codes(extract('a = b\n\0'))).toEqual(['binary']);
    expect(names(extract(`a = b\n${'#\n'.repeat(5_000)}\0`))).toEqual(['a', 'b']);
  });

  it.each(['little', 'big'] as const)('reads UTF-16 with a byte order mark (%s endian)', (order) => {
    const little = Buffer.from('\ufeffä = "漢"\nb = c\n', 'utf16le');
    const facts = extract(order === 'little' ? little : Buffer.from(little).swap16());
    expect(names(facts)).toEqual(['ä', 'b', 'c']);
    expect(facts).toMatchObject({ lines: 2, bytes: little.length });
    expect(codes(facts)).toEqual(['encoding']);
  });

  it('reads a UTF-8 byte order mark without a word', () => {
    expect(extract('\ufeffa = b\n')).toMatchObject({ definitions: [{ name: 'a', at: { line: 1, column: 1, offset: 3 } }, { name: 'b', at: { column: 5 } }], diagnostics: [], bytes: 9 });
  });

  it('reads what is not valid UTF-8 as far as it goes', () => {
    const facts = extract(Buffer.from('a = "caf\xe9"\nb = c\n', 'latin1'));
    expect(names(facts)).toEqual(['a', 'b', 'c']);
    expect(codes(facts)).toEqual(['encoding']);
    expect(facts.definitions[1]?.at).toEqual({ line: 2, column: 1, offset: 11 });
  });

  it('names the first line that does not parse', () => {
    expect(extract('a = b\nc = (\n').diagnostics).toMatchObject([{ code: 'syntax-error', line: 2 }]);
  });

  it('stops at the deadline', () => {
    const facts = extract('a = [1, 2, 3]\n'.repeat(7_000), { timeoutMs: 1 });
    expect(facts).toMatchObject({ lines: 7_000, definitions: [], diagnostics: [{ code: 'timeout' }] });
    expect(codes(extract('a = b\n'))).toEqual([]);
  });

  it('stops after as much work as it may do, at the same place whatever was read before', () => {
    const text = 'a = [1, 2, 3]\n'.repeat(1_000);
    const enough = (work: number): boolean => !codes(extract(text, { work })).includes('too-costly');
    const least = (warmUp: string): number => {
      extract(warmUp);
      let [low, high] = [1, 4_096];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (enough(middle)) high = middle;
        else low = middle + 1;
      }
      return low;
    };
    const work = least('');
    expect(work).toBeGreaterThan(100);
    expect(least('b = (c\n')).toBe(work);
    expect(least(`${text}x = 1\n`)).toBe(work);
    expect(extract(text, { work: work - 1 })).toMatchObject({ lines: 1_000, definitions: [], diagnostics: [{ code: 'too-costly' }] });
  });

  it('charges an extractor that fails to the file', () => {
    const fail = (): FileFacts => {
      throw new TypeError('no such node');
    };
    expect(extract('a = b\n', {}, fail)).toMatchObject({ lines: 1, definitions: [], diagnostics: [{ code: 'parser-failed', message: 'The file could not be read: TypeError: no such node' }] });
    const recurse = (source: ParsedSource): FileFacts => recurse(source);
    expect(codes(extract('a = b\n', {}, recurse))).toEqual(['too-deep']);
  });

  it('says that a file was read through the slower reader, so that its facts are told apart', () => {
    reader.add('unheard-of.wasm', { ...compiledGrammar('tree-sitter-python.wasm'), sha256: 'another release' });
    const facts = extractSource(reader, { ...extractorOf(identifiers), grammar: 'unheard-of.wasm' }, Buffer.from('a = b\n'), { maxBytes: 100, timeoutMs: 1_000 });
    expect(names(facts)).toEqual(['a', 'b']);
    expect(facts.diagnostics).toEqual([{ code: 'parser-failed', message: 'Read through the slower reader: no sample for this grammar' }]);
  });

  it('leaves out files that are nested deeper than any extractor need go', () => {
    const nested = (levels: number): string => `${'('.repeat(levels)}x${')'.repeat(levels)}\n`;
    expect(names(extract(nested(MAX_DEPTH - 10)))).toEqual(['x']);
    expect(codes(extract(nested(MAX_DEPTH + 10)))).toEqual(['too-deep']);
  });
});
