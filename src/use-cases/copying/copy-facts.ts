import { throwIfAborted } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { FactKey, FactStore } from '../../domain/ports/fact-store.js';
import type { MetadataStore } from '../../domain/ports/metadata-store.js';
import type { Snapshot } from '../../domain/snapshot.js';
import { configurationKey, decodeShape } from '../acquire-source.js';
import { memoryKeys } from '../link-memory.js';
import { overlayKeys } from '../overlays.js';
import { batchedPuts, factsKey, getAll, inBatches, sourceKey } from '../source-listing.js';

interface Place {
  readonly metadataStore: MetadataStore;
  readonly factStore: FactStore;
}

const BATCH_KEYS = 256;

/** Copies what belongs to a snapshot whoever asks: the configuration it was made under, and the indexes that were imported into it. Gives how many entries it put. */
export async function copyImports(from: FactStore, to: FactStore, snapshot: Snapshot, options: CallOptions): Promise<number> {
  if (from === to) return 0;
  return copyKeys(from, to, [configurationKey(snapshot.configuration), ...await overlayKeys(from, snapshot.overlays ?? [], options)], options);
}

/** Copies the facts of a snapshot's files, the text of its configuration, and what linking remembers of it: what the next run of `index` builds on. Gives how many entries it put. */
export async function copyFacts(from: Place, to: Place, snapshot: Snapshot, options: CallOptions): Promise<number> {
  if (from.factStore === to.factStore) return 0;
  const shape = (await getAll(from.factStore, [configurationKey(snapshot.configuration)], options)).get(configurationKey(snapshot.configuration));
  const parser = shape === undefined ? undefined : decodeShape(shape).parser;
  let copied = 0;
  for await (const files of from.metadataStore.files(snapshot.id, options)) {
    const keys = files.flatMap(({ blob, language }) => [sourceKey(blob), ...(parser === undefined || language === '' ? [] : [factsKey(parser, language, blob)])]);
    copied += await copyKeys(from.factStore, to.factStore, keys, options);
  }
  const [memory, ...chunks] = await memoryKeys(from.factStore, { repository: snapshot.repository, snapshot: snapshot.id }, options);
  copied += await copyKeys(from.factStore, to.factStore, chunks, options);
  // What names the others comes last: found, all is there.
  return memory === undefined ? copied : copied + await copyKeys(from.factStore, to.factStore, [memory], options);
}

/** Copies the entries that the one has and the other lacks. */
async function copyKeys(from: FactStore, to: FactStore, keys: readonly FactKey[], options: CallOptions): Promise<number> {
  const puts = batchedPuts(to, options);
  let copied = 0;
  for (const batch of inBatches([...new Set(keys)], BATCH_KEYS)) {
    throwIfAborted(options.signal);
    const there = await to.has(batch, options);
    for await (const entries of from.get(batch.filter((key) => !there.has(key)), options)) {
      for (const entry of entries) await puts.add(entry);
      copied += entries.length;
    }
  }
  await puts.flush();
  return copied;
}
