import { encodeFacts } from '../../domain/facts-codec.js';
import type { FactDiagnostic, FileFacts, LanguageId } from '../../domain/file-facts.js';
import { timeFor, workFor } from './allowance.js';
import { FactsBuilder } from './facts-builder.js';
import type { LanguageExtractor } from './language-extractor.js';
import { countLines, sourceText } from './source-text.js';
import { HAS_ERROR, MISSING, ParsedSource, type Grammar, type Readings, type SyntaxNodes } from './syntax-nodes.js';
import type { SyntaxReader } from './syntax-reader.js';

/** What one file may cost. */
export interface SourceLimits {
  /** A larger file gets facts without definitions. */
  readonly maxBytes: number;
  /** At most, for the parse of one file (see allowance.ts). */
  readonly timeoutMs: number;
  /** Stretches of work for the parse of one file; by default what allowance.ts gives for its size. */
  readonly work?: number;
}

/** Looks at one file while it is read. */
export interface Inspection {
  readonly readings: Readings;
  /** Called once the file is read in full; the source is good during the call only. */
  done(source: ParsedSource): void;
}

export interface EncodedSource {
  /** As {@link encodeFacts} gives them. */
  readonly facts: Uint8Array;
  readonly diagnostics: readonly FactDiagnostic[];
  /** See ParserOutput. */
  readonly provisional?: true;
}

export const DEFAULT_LIMITS: SourceLimits = { maxBytes: 4 << 20, timeoutMs: 30_000 };

/**
 * Nesting that every extractor manages on the smallest stack it may run on (Node's main thread, 984 KiB). A fixed number, so that which files are too deep does not
 * depend on the thread that reads them.
 */
export const MAX_DEPTH = 1_000;

/** The facts of one file, whatever it holds. Never throws: what goes wrong is a diagnostic, and costs this file its definitions. The grammar must be loaded. */
export function extractSource(reader: SyntaxReader, extractor: LanguageExtractor, file: Uint8Array, limits: SourceLimits, inspection?: Inspection): FileFacts {
  const failed = (diagnostic: FactDiagnostic): FileFacts => failedFacts(extractor.language, file, diagnostic);
  const text = sourceText(file);
  if ('refused' in text) return failed(text.refused);
  if (file.length > limits.maxBytes) return failed({ code: 'too-large', message: `The file has ${file.length} bytes; at most ${limits.maxBytes} are parsed.` });
  const diagnostics: FactDiagnostic[] = [...text.diagnostics];
  const timeoutMs = timeFor(text.bytes.length, limits.timeoutMs);
  try {
    const reading = reader.read(extractor.grammar, text.bytes, timeoutMs, limits.work ?? workFor(text.bytes.length));
    if (reading.outcome === 'exhausted') return failed(reading.limit === 'work' ? { code: 'too-costly', message: 'Parsing the file takes far more work than one of its size should.' } : { code: 'timeout', message: `The file was not parsed within ${Math.round(timeoutMs)} ms.` });
    const { nodes, grammar } = reading;
    if (reading.fallback !== '') diagnostics.push({ code: 'parser-failed', message: `Read through the slower reader: ${reading.fallback}` });
    if (nodes.depth > MAX_DEPTH) return failed({ code: 'too-deep', message: `The syntax tree is ${nodes.depth} levels deep; at most ${MAX_DEPTH} are read.` });
    const source = new ParsedSource(grammar, nodes, text.bytes, inspection?.readings);
    const facts = extractor.extract(source);
    inspection?.done(source);
    if (!facts.diagnostics.some(({ code }) => code === 'syntax-error')) diagnostics.push(...syntaxErrors(nodes, grammar));
    return { ...facts, bytes: file.length, diagnostics: [...facts.diagnostics, ...diagnostics] };
  } catch (error) {
    if (error instanceof RangeError && error.message.includes('call stack')) return failed({ code: 'too-deep', message: 'The file is nested too deeply.' });
    return failed({ code: 'parser-failed', message: `The file could not be read: ${summary(error)}` });
  }
}

/** The same, encoded. Facts too large for one string cost the file its definitions. */
export function extractEncoded(reader: SyntaxReader, extractor: LanguageExtractor, file: Uint8Array, limits: SourceLimits, inspection?: Inspection): EncodedSource {
  const facts = extractSource(reader, extractor, file, limits, inspection);
  try {
    return encoded(facts);
  } catch (error) {
    return encodedFailure(extractor.language, file, { code: 'too-large', message: `The file's facts are too large: ${summary(error)}` });
  }
}

/** Encoded facts of a file of which nothing is known but its size. */
export function encodedFailure(language: LanguageId, file: Uint8Array, diagnostic: FactDiagnostic): EncodedSource {
  return encoded(failedFacts(language, file, diagnostic));
}

function encoded(facts: FileFacts): EncodedSource {
  const { diagnostics } = facts;
  const provisional = diagnostics.some(({ code }) => code === 'timeout');
  return { facts: encodeFacts(facts), diagnostics, ...(provisional ? { provisional } : {}) };
}

function failedFacts(language: LanguageId, file: Uint8Array, diagnostic: FactDiagnostic): FileFacts {
  const builder = new FactsBuilder();
  builder.diagnostics.push(diagnostic);
  return builder.build({ language, lines: countLines(file), bytes: file.length });
}

/** One diagnostic for the file, at the first place that does not parse. */
function syntaxErrors(nodes: SyntaxNodes, grammar: Grammar): FactDiagnostic[] {
  if (((nodes.flags[0] ?? 0) & HAS_ERROR) === 0) return [];
  const error = grammar.kind('ERROR');
  for (let i = 0; i < nodes.count; i++) {
    const missing = ((nodes.flags[i] ?? 0) & MISSING) !== 0;
    if (!missing && nodes.kind[i] !== error) continue;
    const line = (nodes.row[i] ?? 0) + 1;
    return [{ code: 'syntax-error', message: missing ? `A ${grammar.kindName(nodes.kind[i] ?? 0)} is missing here.` : 'This does not parse.', line }];
  }
  return [{ code: 'syntax-error', message: 'The file does not parse.' }];
}

function summary(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 200);
}
