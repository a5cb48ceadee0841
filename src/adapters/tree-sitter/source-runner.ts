import { setImmediate } from 'node:timers/promises';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { LineColumn, NamePlace } from '../../domain/name-place.js';
import type { Located, ParserInput, ParserOutput } from '../../domain/ports/parser.js';
import { extractEncoded, type SourceLimits } from './extract-source.js';
import { compiledCore, compiledGrammar } from './grammars.js';
import type { LanguageExtractor } from './language-extractor.js';
import { NameFinder } from './name-finder.js';
import { SyntaxReader } from './syntax-reader.js';

/** One source and the extractor of its language. */
export interface SourceJob {
  readonly input: ParserInput;
  readonly extractor: LanguageExtractor;
}

/** Where extraction happens: in this thread or in a pool of workers. */
export interface SourceRunner {
  /** How many sources are worth handing over at a time. */
  readonly capacity: number;
  /** Fails with `aborted` when the signal fires first or the runner is closed, with `parser-failed` when nothing at all can be parsed. */
  run(job: SourceJob, signal: AbortSignal): Promise<ParserOutput>;
  close(): Promise<void>;
}

/** Longest stretch for which other work of this thread has to wait, save for one large file. */
const TURN_MS = 15;

/** Extraction in this thread, one file at a time, with pauses in which a signal can fire. */
export function inThreadRunner(limits: SourceLimits): SourceRunner {
  let turn = performance.now();
  let closed = false;
  return {
    capacity: 1,
    async run({ input, extractor }, signal) {
      if (performance.now() - turn > TURN_MS) {
        await setImmediate();
        turn = performance.now();
      }
      const reader = await threadReader();
      throwIfAborted(signal);
      if (closed) throw new CodeloomError('aborted', 'The parser was closed.');
      if (!reader.has(extractor.grammar)) reader.add(extractor.grammar, compiledGrammar(extractor.grammar));
      return { key: input.key, ...extractEncoded(reader, extractor, input.bytes, limits) };
    },
    async close() {
      closed = true;
    },
  };
}

/** Reads one source in this thread and finds the name at a place in it. Fails with `aborted`, and with `parser-failed` when nothing at all can be parsed. */
export async function locateInThread({ input, extractor }: SourceJob, place: LineColumn, limits: SourceLimits, signal: AbortSignal | undefined): Promise<Located> {
  const reader = await threadReader();
  throwIfAborted(signal);
  if (!reader.has(extractor.grammar)) reader.add(extractor.grammar, compiledGrammar(extractor.grammar));
  const finder = new NameFinder();
  let name: NamePlace | undefined;
  const { facts } = extractEncoded(reader, extractor, input.bytes, limits, { readings: finder, done: (source) => (name = finder.find(source, place)) });
  return { facts, ...(name === undefined ? {} : { name }) };
}

let shared: Promise<SyntaxReader> | undefined;

/** The reader that all parsers of this thread share: its WebAssembly memory cannot be given back. */
async function threadReader(): Promise<SyntaxReader> {
  const current = (shared ??= SyntaxReader.start(compiledCore()));
  try {
    const reader = await current;
    if (!reader.broken) return reader;
  } catch (error) {
    if (shared === current) shared = undefined;
    throw error;
  }
  if (shared === current) shared = undefined;
  return threadReader();
}
