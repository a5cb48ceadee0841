import { throwIfAborted } from '../domain/errors.js';
import type { LanguageId } from '../domain/file-facts.js';
import type { FactKey } from '../domain/ports/fact-store.js';
import type { SourceEntry } from '../domain/ports/git-host.js';
import type { ParserInput } from '../domain/ports/parser.js';
import type { IndexingPorts } from './indexing-ports.js';
import { batchedPuts, factsKey, inBatches, PROVISIONAL_MS, provisionalKey, readListing, sourceKey, writeListing, type ListedFile } from './source-listing.js';
import { stageProgress } from './stage-progress.js';
import type { ExtractInput, Extracted, StepContext } from './steps.js';

const LOOKUP_KEYS = 1000;

/**
 * Sees to it that the facts of every selected content, and the text of every configuration file, lie in the FactStore. Contents that are there already are not
 * read; one that several paths share is parsed once. What cannot be read costs itself: its path is skipped in the facts listing, with the reason.
 * Facts that the parser calls provisional are kept apart, for an hour: then their contents are parsed again when a run needs them (docs/decisions/0013).
 * Of a part, no facts listing is written: a run over the whole, which finds the parts' facts there, does that. Reading, parsing and storing are one stream with bounded
 * buffers. Errors: those of GitHost, Parser and FactStore, and `facts-missing` for the listing.
 */
export async function extractFacts(
  ports: Pick<IndexingPorts, 'gitHost' | 'parser' | 'factStore' | 'clock' | 'sha256'>, input: ExtractInput, context: StepContext,
): Promise<Extracted> {
  const { gitHost, parser, factStore } = ports;
  const options = { signal: context.signal };
  const listing = await readListing(factStore, input.listing, options);
  const contents = plan(listing.files, parser.version).slice(input.part?.from, input.part?.to);
  const { missing, present, reused, provisional } = await findMissing(ports, { contents, parserVersion: parser.version }, context);

  const progress = stageProgress('extract', context, ports.clock);
  const total = present + missing.length;
  let done = present;
  let bytes = 0;
  let parsed = 0;
  let diagnostics = 0;
  progress.report(done, { total, bytes });

  const unread = new Map<string, { code: string; message: string }>();
  const puts = batchedPuts(factStore, options);
  const byBlob = new Map(missing.map((content) => [content.entry.blob, content]));
  async function* entries(): AsyncIterable<SourceEntry> {
    for (const content of missing) yield content.entry;
  }
  async function* sources(): AsyncIterable<ParserInput> {
    for await (const source of gitHost.read(input.revision, entries(), { ...options, maxBytes: input.maxFileBytes })) {
      throwIfAborted(context.signal);
      const content = byBlob.get(source.entry.blob);
      if (content === undefined) continue;
      const failure = 'error' in source ? source.error : isLfsPointer(source.bytes) ? { code: 'lfs-pointer', message: 'A Git LFS pointer stands in place of the content.' } : undefined;
      if (failure !== undefined) unread.set(source.entry.blob, failure);
      if (failure === undefined && 'bytes' in source) {
        bytes += source.bytes.length;
        if (content.configuration) await puts.add({ key: sourceKey(source.entry.blob), bytes: source.bytes });
        for (const [key, language] of content.facts) yield { key, language, bytes: source.bytes };
      }
      if (failure !== undefined || content.facts.size === 0) progress.report(++done, { total, bytes });
    }
  }
  const pending = new Map(missing.flatMap((content) => [...content.facts.keys()].map((key) => [key, content] as const)));
  for await (const output of parser.extract(sources(), options)) {
    throwIfAborted(context.signal);
    const content = pending.get(output.key);
    const language = content?.facts.get(output.key);
    if (output.provisional === true && content !== undefined && language !== undefined) {
      provisional.add(output.key);
      await puts.add({ key: provisionalKey(parser.version, language, content.entry.blob), bytes: output.facts });
    } else await puts.add({ key: output.key, bytes: output.facts });
    parsed++;
    diagnostics += output.diagnostics.length;
    pending.delete(output.key);
    if (content !== undefined && ![...content.facts.keys()].some((key) => pending.has(key))) progress.report(++done, { total, bytes });
  }
  await puts.flush();
  progress.finish();

  let facts = input.listing;
  if (input.part === undefined && (unread.size > 0 || provisional.size > 0 || listing.parser !== parser.version)) {
    const files = listing.files.map((listed) => {
      const file = withFailure(listed, unread.get(listed.blob));
      return file.skipped === '' && provisional.has(factsKey(parser.version, file.language, file.blob)) ? { ...file, provisional: true as const } : file;
    });
    diagnostics += files.filter((file) => file.message !== '').length;
    facts = await writeListing(ports, { parser: parser.version, files }, options);
  }
  return { facts, counts: { parsed, reused, bytes, diagnostics } };
}

/** A content and what is wanted of it. */
export interface Content {
  readonly entry: SourceEntry;
  /** Facts wanted, by key: one for each language in which a path holds it. */
  readonly facts: Map<FactKey, LanguageId>;
  configuration: boolean;
}

/** The contents of a listing, in the order in which it names them first. */
export function plan(files: readonly ListedFile[], parserVersion: string): Content[] {
  const contents = new Map<string, Content>();
  for (const { path, blob, size, kind, language, configuration, skipped } of files) {
    if (skipped !== '' && !configuration) continue;
    let content = contents.get(blob);
    if (content === undefined) contents.set(blob, content = { entry: { path, blob, size, kind }, facts: new Map(), configuration: false });
    if (skipped === '') content.facts.set(factsKey(parserVersion, language, blob), language);
    if (configuration) content.configuration = true;
  }
  return [...contents.values()];
}

/** The contents of which something is not stored yet, reduced to that; how many are whole; how many facts are there, and which of them provisionally. */
export async function findMissing(
  ports: Pick<IndexingPorts, 'factStore' | 'clock'>, { contents, parserVersion }: { readonly contents: readonly Content[]; readonly parserVersion: string }, { signal }: StepContext,
): Promise<{ missing: Content[]; present: number; reused: number; provisional: Set<FactKey> }> {
  const { factStore } = ports;
  const missing: Content[] = [];
  const provisional = new Set<FactKey>();
  let reused = 0;
  for (const batch of inBatches(contents, LOOKUP_KEYS)) {
    const there = await factStore.has(batch.flatMap(({ entry, facts, configuration }) => [...facts.keys(), ...(configuration ? [sourceKey(entry.blob)] : [])]), { signal });
    const recent = await recentProvisional(ports, batch.flatMap(({ entry, facts }) => [...facts].filter(([key]) => !there.has(key)).map(([, language]) => provisionalKey(parserVersion, language, entry.blob))), signal);
    for (const { entry, facts, configuration } of batch) {
      const wanted = new Map([...facts].filter(([key]) => !there.has(key)));
      for (const [key, language] of wanted) if (recent.has(provisionalKey(parserVersion, language, entry.blob))) {
        provisional.add(key);
        wanted.delete(key);
      }
      reused += facts.size - wanted.size;
      const text = configuration && !there.has(sourceKey(entry.blob));
      if (wanted.size > 0 || text) missing.push({ entry, facts: wanted, configuration: text });
    }
  }
  return { missing, present: contents.length - missing.length, reused, provisional };
}

/** Those of `keys` that are there and not out of date. */
async function recentProvisional({ factStore, clock }: Pick<IndexingPorts, 'factStore' | 'clock'>, keys: readonly FactKey[], signal: AbortSignal | undefined): Promise<ReadonlySet<FactKey>> {
  if (keys.length === 0) return new Set();
  const found = await factStore.has(keys, { signal });
  if (found.size === 0) return found;
  await factStore.prune({ prefixes: [...found], keep: new Set(), olderThan: new Date(clock.now().getTime() - PROVISIONAL_MS + 1) }, { signal });
  return factStore.has([...found], { signal });
}

function withFailure(file: ListedFile, failure: { code: string; message: string } | undefined): ListedFile {
  if (failure === undefined || (file.skipped !== '' && !file.configuration)) return file;
  return { ...file, configuration: false, skipped: file.skipped === '' || file.skipped === 'configuration' ? failure.code : file.skipped, message: failure.message };
}

const LFS_PREFIX = new TextEncoder().encode('version https://git-lfs.github.com/spec/');

/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: a pointer is a text of less than 1024 bytes that starts with its version. */
function isLfsPointer(bytes: Uint8Array): boolean {
  return bytes.length < 1024 && LFS_PREFIX.every((byte, index) => bytes[index] === byte);
}
