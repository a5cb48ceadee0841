import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeFacts } from '../../domain/facts-codec.js';
import type { Parser, ParserInput, ParserOutput } from '../../domain/ports/parser.js';
import { problemsOf } from './facts-well-formed.js';

/** A file of a language that the parser reads, with at least one definition and one call. */
export interface ParserSample {
  readonly path: string;
  readonly source: string;
  /** The same language, not parseable. */
  readonly damaged: string;
}

/** A parser, made afresh for every test. */
export interface ParserFixture {
  readonly parser: Parser;
  /** Another one that must give the same facts: set up differently where that is possible (number of threads). */
  readonly another: () => Promise<Parser>;
  /** One for each language. */
  readonly samples: readonly ParserSample[];
  /** Removes what the fixture made. The parsers are closed by then. */
  readonly dispose?: () => Promise<void>;
}

/** What every Parser must do: run it with a factory. */
export function parserContract(name: string, factory: () => Promise<ParserFixture>): void {
  describe(`${name} as a Parser`, () => {
    let parser: Parser;
    let fixture: ParserFixture;
    const opened: Parser[] = [];

    beforeEach(async () => {
      fixture = await factory();
      parser = fixture.parser;
      opened.push(parser);
    });

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((each) => each.close()));
      await fixture.dispose?.();
    });

    const another = async (): Promise<Parser> => {
      const other = await fixture.another();
      opened.push(other);
      return other;
    };
    const languageOf = (path: string): string => parser.languageOf(path) ?? `no language of ${path}`;
    const input = (key: string, path: string, content: string | Uint8Array): ParserInput => ({
      key, language: languageOf(path), bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content,
    });
    const files = (): ParserInput[] => fixture.samples.flatMap(({ path, source, damaged }) => [
      input(`${path}:whole`, path, source), input(`${path}:damaged`, path, damaged), input(`${path}:empty`, path, ''), input(`${path}:long`, path, source.repeat(50)),
    ]);
    const extracted = async (sources: Iterable<ParserInput>, by = parser): Promise<Map<string, string>> => {
      const outputs = await outputsOf(by.extract(sources));
      return new Map(outputs.map(({ key, facts }) => [key, Buffer.from(facts).toString('utf8')]));
    };
    const only = async (source: ParserInput): Promise<ParserOutput> => {
      const [output, ...others] = await outputsOf(parser.extract([source]));
      expect(others).toEqual([]);
      if (output === undefined) throw new Error('no output');
      return output;
    };

    it('names its languages, and the language of a path', () => {
      expect(parser.languages.length).toBeGreaterThan(0);
      expect(new Set(parser.languages).size).toBe(parser.languages.length);
      for (const { path } of fixture.samples) expect(parser.languages).toContain(parser.languageOf(path));
      for (const path of ['LICENSE', 'notes.unknown', '', 'a/b/', '.gitignore']) expect(parser.languageOf(path)).toBeUndefined();
    });

    it('has a version that another instance has too', async () => {
      expect(parser.version).toMatch(/^\S+$/);
      expect((await another()).version).toBe(parser.version);
    });

    it('locates names, where it can: with the facts that extraction gives, and places that fit', async () => {
      for (const { path, source } of fixture.samples) {
        if (parser.locate === undefined) break;
        const { facts } = await only(input('a key', path, source));
        const [definition] = decodeFacts(facts).definitions;
        if (definition === undefined) throw new Error(`${path} has no definition`);
        const located = await parser.locate(input('a key', path, source), definition.at);
        expect(Buffer.from(located.facts).equals(Buffer.from(facts))).toBe(true);
        expect(located.name).toMatchObject({ name: definition.name, at: definition.at });
        const { scopes, exprs, types } = decodeFacts(facts);
        expect(located.name?.scope).toBeLessThan(scopes.length);
        for (const { expr = 0, type = 0 } of located.name?.around ?? []) expect(expr < exprs.length && type < types.length).toBe(true);
        expect((await parser.locate(input('a key', path, source), { line: source.split('\n').length + 1, column: 1 })).name).toBeUndefined();
      }
    });

    it('gives the facts of each file', async () => {
      for (const { path, source } of fixture.samples) {
        const { key, facts, diagnostics } = await only(input('a key', path, source));
        const decoded = decodeFacts(facts);
        expect(key).toBe('a key');
        expect(diagnostics).toEqual([]);
        expect(decoded).toMatchObject({ language: languageOf(path), bytes: new TextEncoder().encode(source).length, lines: source.split('\n').length - 1 });
        expect(decoded.definitions.length).toBeGreaterThan(0);
        expect(decoded.sites.length).toBeGreaterThan(0);
      }
    });

    it('gives exactly one output for each input, from lists and streams, equal keys and contents too', async () => {
      async function* stream(): AsyncGenerator<ParserInput> {
        for (const file of files()) {
          await Promise.resolve();
          yield file;
        }
      }
      const keys = files().map(({ key }) => key).sort();
      expect((await outputsOf(parser.extract(stream()))).map(({ key }) => key).sort()).toEqual(keys);
      expect((await outputsOf(parser.extract([...files(), ...files()]))).map(({ key }) => key).sort()).toEqual([...keys, ...keys].sort());
      expect(await outputsOf(parser.extract([]))).toEqual([]);
    });

    it('gives the same facts in any order, again, by another instance, and side by side', async () => {
      const expected = await extracted(files());
      const other = await another();
      const sorted = (facts: Map<string, string>): [string, string][] => [...facts].sort(([a], [b]) => (a < b ? -1 : 1));
      expect(sorted(await extracted(files().reverse()))).toEqual(sorted(expected));
      expect(sorted(await extracted(files(), other))).toEqual(sorted(expected));
      for (const facts of await Promise.all([extracted(files()), extracted(files().reverse())])) expect(sorted(facts)).toEqual(sorted(expected));
    });

    it('gives facts that do not depend on the key', async () => {
      const [sample] = fixture.samples;
      const { facts } = await only(input('one', sample?.path ?? '', sample?.source ?? ''));
      expect((await only(input('two', sample?.path ?? '', sample?.source ?? ''))).facts).toEqual(facts);
    });

    it('gives well-formed facts whatever the bytes', async () => {
      const inputs = fixture.samples.flatMap(({ path, source, damaged }) => [
        input('whole', path, source), input('damaged', path, damaged), ...pieces(source).map((content, i) => input(`piece ${i}`, path, content)),
        ...[0x00, 0x0a, 0x28, 0x7b, 0xff].map((byte) => input(`${byte}`, path, new Uint8Array(300).fill(byte))), input('noise', path, noise(2_000)), input('one byte', path, 'a'),
      ]);
      const outputs = await outputsOf(parser.extract(inputs));
      expect(outputs).toHaveLength(inputs.length);
      for (const { key, facts } of outputs) expect(problemsOf(decodeFacts(facts)), key).toEqual([]);
    });

    it('says what is wrong with a file in its output and its facts alike', async () => {
      for (const { path, source, damaged } of fixture.samples) {
        const binary = await only(input('binary', path, `${source}\0`));
        expect(binary.diagnostics).toMatchObject([{ code: 'binary' }]);
        expect(decodeFacts(binary.facts)).toMatchObject({ definitions: [], sites: [], lines: source.split('\n').length, diagnostics: binary.diagnostics });

        const invalid = await only(input('invalid', path, Uint8Array.of(...new TextEncoder().encode(source), 0xc3, 0x0a)));
        expect(invalid.diagnostics.map(({ code }) => code)).toContain('encoding');
        expect(decodeFacts(invalid.facts).diagnostics).toEqual(invalid.diagnostics);

        const broken = await only(input('broken', path, damaged));
        expect(broken.diagnostics.map(({ code }) => code)).toContain('syntax-error');
      }
    });

    it('gives facts with a diagnostic for a language it does not read', async () => {
      const { diagnostics, facts } = await only({ key: 'a', language: 'no such language', bytes: new TextEncoder().encode('a\nb\n') });
      expect(diagnostics).toMatchObject([{ code: 'parser-failed' }]);
      expect(decodeFacts(facts)).toMatchObject({ language: 'no such language', lines: 2, bytes: 4, definitions: [] });
    });

    it("leaves the caller's bytes alone, also where they are part of a larger buffer", async () => {
      const [sample] = fixture.samples;
      const text = sample?.source ?? '';
      const around = Buffer.from(`)))${text}(((`);
      const bytes = around.subarray(3, around.length - 3);
      const { facts } = await only({ ...input('a', sample?.path ?? '', ''), bytes });
      expect(bytes.toString()).toBe(text);
      expect(facts).toEqual((await only(input('a', sample?.path ?? '', text))).facts);
    });

    it('takes no more from an endless source than it needs, and closes it when the reader stops', async () => {
      const [file] = files();
      if (file === undefined) throw new Error('no sample');
      let taken = 0;
      let closed = false;
      function* endless(): Generator<ParserInput> {
        try {
          for (;;) yield { ...file, key: `${taken++}` } as ParserInput; // the spread of a checked value
        } finally {
          closed = true;
        }
      }
      for await (const { key } of parser.extract(endless())) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (Number(key) >= 3) break;
      }
      expect(taken).toBeLessThan(300);
      expect(closed).toBe(true);
    });

    it('fails with the error of its source', async () => {
      const sources = function* (): Generator<ParserInput> {
        yield* files();
        throw new Error('the disk is gone');
      };
      await expect(outputsOf(parser.extract(sources()))).rejects.toThrow('the disk is gone');
    });

    it('stops when told to, and works on', async () => {
      await expect(outputsOf(parser.extract(files(), { signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: 'aborted' });

      const abort = new AbortController();
      const seen: string[] = [];
      const run = async (): Promise<void> => {
        for await (const { key } of parser.extract(files(), { signal: abort.signal })) {
          seen.push(key);
          abort.abort();
        }
      };
      await expect(run()).rejects.toMatchObject({ code: 'aborted' });
      expect(seen).toHaveLength(1);

      const waiting = new AbortController();
      async function* never(): AsyncGenerator<ParserInput> {
        setTimeout(() => waiting.abort(), 20);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      await expect(outputsOf(parser.extract(never(), { signal: waiting.signal }))).rejects.toMatchObject({ code: 'aborted' });

      expect((await extracted(files())).size).toBe(files().length);
    });

    it('can be closed twice, and before any work', async () => {
      await parser.close();
      await parser.close();
    });
  });
}

async function outputsOf(outputs: AsyncIterable<ParserOutput>): Promise<ParserOutput[]> {
  const all: ParserOutput[] = [];
  for await (const output of outputs) all.push(output);
  return all;
}

/** Beginnings and ends of a text, cut anywhere. */
function pieces(text: string): string[] {
  const cuts = Array.from({ length: 12 }, (_, i) => Math.floor(((i + 1) * text.length) / 13));
  return cuts.flatMap((cut) => [text.slice(0, cut), text.slice(cut)]);
}

/** The same printable noise every time, with a wide character here and there. */
function noise(length: number): string {
  let seed = 7;
  let text = '';
  while (text.length < length) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += seed % 31 === 0 ? '漢😀' : String.fromCharCode(32 + (seed % 95));
    if (seed % 17 === 0) text += '\n';
  }
  return text;
}
