import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CodeloomError } from '../../domain/errors.js';
import { FACTS_FORMAT, type LanguageId } from '../../domain/file-facts.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Parser, ParserInput, ParserOutput } from '../../domain/ports/parser.js';
import { WORK_RULE } from './allowance.js';
import { boundedMap } from './bounded-map.js';
import { DEFAULT_LIMITS, encodedFailure, MAX_DEPTH, type SourceLimits } from './extract-source.js';
import { coreDigest, grammarDigest } from './grammars.js';
import type { LanguageExtractor } from './language-extractor.js';
import { extractors } from './languages/index.js';
import { WorkerPool } from './pool.js';
import { inThreadRunner, locateInThread, type SourceRunner } from './source-runner.js';

export interface TreeSitterParserOptions {
  /** Worker threads; 0 parses in the calling thread. By default one for each processor, at most 8. */
  readonly workers?: number;
  /** Larger files get facts without definitions and the diagnostic `too-large`; by default 4 MiB. */
  readonly maxBytes?: number;
  /**
   * Time for the parse of one file, for machines that are too slow or too busy for the work it may take; beyond it the file gets the diagnostic `timeout` and
   * provisional facts. By default 5,000 ms and 6 for each 1,000 bytes, at most 30,000.
   */
  readonly timeoutMs?: number;
  /** Only these of the languages; by default all. */
  readonly languages?: readonly LanguageId[];
}

/** Raised with every change of this adapter that changes facts and is no extractor's own. */
const READER_VERSION = 1;
const MOST_WORKERS = 8;
const IN_FLIGHT = 4;
const IN_FLIGHT_BYTES = 32 << 20;

/**
 * A Parser on web-tree-sitter, its grammars inside this package, in worker threads that start with the first source. Throws `invalid-argument` for options out of
 * range. Its `extract` fails with `aborted`, and with `parser-failed` only when nothing can be parsed at all (a damaged installation).
 */
export function createTreeSitterParser(options: TreeSitterParserOptions = {}): Parser {
  const limits: SourceLimits = {
    maxBytes: positive('maxBytes', options.maxBytes ?? DEFAULT_LIMITS.maxBytes),
    timeoutMs: positive('timeoutMs', options.timeoutMs ?? DEFAULT_LIMITS.timeoutMs),
  };
  const workers = workerCount(options.workers);
  const chosen = chooseLanguages(options.languages);
  const byLanguage = new Map(chosen.map((extractor) => [extractor.language, extractor]));
  const languageOf = languageFinder(chosen);
  let runner: SourceRunner | undefined;
  let version: string | undefined;
  let closed = false;

  return {
    get version() {
      return (version ??= versionOf(limits));
    },
    languages: chosen.map(({ language }) => language),
    languageOf,
    extract(sources: AsyncIterable<ParserInput> | Iterable<ParserInput>, { signal }: CallOptions = {}): AsyncIterable<ParserOutput> {
      if (closed) throw new CodeloomError('invalid-argument', 'The parser is closed.');
      const current = (runner ??= workers === 0 ? inThreadRunner(limits) : new WorkerPool({ size: workers, limits }));
      return boundedMap(sources, {
        run: async (input, cancelled) => {
          const extractor = byLanguage.get(input.language);
          return extractor === undefined ? unknownLanguage(input) : current.run({ input, extractor }, cancelled);
        },
        weigh: (input) => input.bytes.length,
        maxItems: current.capacity * IN_FLIGHT,
        maxWeight: IN_FLIGHT_BYTES,
        signal,
      });
    },
    async locate(input, place, { signal }: CallOptions = {}) {
      if (closed) throw new CodeloomError('invalid-argument', 'The parser is closed.');
      const extractor = byLanguage.get(input.language);
      return extractor === undefined ? { facts: unknownLanguage(input).facts } : locateInThread({ input, extractor }, place, limits, signal);
    },
    async close() {
      closed = true;
      await runner?.close();
    },
  };
}

/** A digest of everything that decides the facts: files are taken by content, so that another release of a grammar or of the core is another version. */
function versionOf(limits: SourceLimits): string {
  const parts = [FACTS_FORMAT, READER_VERSION, MAX_DEPTH, WORK_RULE, limits.maxBytes, coreDigest(), ...extractors.map(({ language, version, grammar }) => [language, version, grammarDigest(grammar)])];
  return `tree-sitter-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)}`;
}

function unknownLanguage({ key, language, bytes }: ParserInput): ParserOutput {
  return { key, ...encodedFailure(language, bytes, { code: 'parser-failed', message: `This parser does not read ${language}.` }) };
}

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new CodeloomError('invalid-argument', `${name} must be a whole number above 0, not ${value}.`, { details: { name, value } });
}

function workerCount(wanted: number | undefined): number {
  // Sources run by a TypeScript loader have no built worker beside them.
  const possible = existsSync(fileURLToPath(new URL('./worker.js', import.meta.url)));
  if (wanted === undefined) return possible ? Math.min(availableParallelism(), MOST_WORKERS) : 0;
  if (!Number.isSafeInteger(wanted) || wanted < 0) throw new CodeloomError('invalid-argument', `workers must be a whole number from 0, not ${wanted}.`);
  if (wanted > 0 && !possible) throw new CodeloomError('invalid-argument', 'There is no built worker beside this module; use workers: 0.');
  return wanted;
}

function chooseLanguages(wanted: readonly LanguageId[] | undefined): readonly LanguageExtractor[] {
  if (wanted === undefined) return extractors;
  const known = extractors.map(({ language }) => language);
  const unknown = wanted.find((language) => !known.includes(language));
  if (unknown !== undefined) throw new CodeloomError('invalid-argument', `There is no language ${unknown}; there are ${known.join(', ')}.`, { details: { unknown, known } });
  return extractors.filter(({ language }) => wanted.includes(language));
}

/** The longest path ending decides; a file without a known one is taken by the interpreter of its `#!` line. */
function languageFinder(chosen: readonly LanguageExtractor[]): Parser['languageOf'] {
  const endings = chosen.flatMap(({ language, extensions }) => extensions.map((extension) => ({ language, extension }))).sort((a, b) => b.extension.length - a.extension.length);
  return (path, firstLine) => {
    const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
    const ending = endings.find(({ extension }) => name.endsWith(extension) && name.length > extension.length);
    if (ending !== undefined || firstLine === undefined) return ending?.language;
    const program = interpreterOf(firstLine);
    const unversioned = program?.replace(/[\d.]+$/, '');
    return chosen.find(({ interpreters }) => interpreters.some((name) => name === program || name === unversioned))?.language;
  };
}

/** `#!/usr/bin/env -S FOO=1 python3.12 -u` gives `python3.12`: the program without its path. */
function interpreterOf(firstLine: string): string | undefined {
  if (!firstLine.startsWith('#!')) return undefined;
  const words = firstLine.slice(2).trim().split(/\s+/);
  const programs = words.map((word) => word.slice(word.lastIndexOf('/') + 1));
  return programs[0] === 'env' ? programs.slice(1).find((_, i) => !/^-|=/.test(words[i + 1] ?? '')) : programs[0];
}
