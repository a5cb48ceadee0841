import { decodeFacts } from '../domain/facts-codec.js';
import type { FileFacts } from '../domain/file-facts.js';
import type { LinkSource } from '../domain/linking/linker.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import type { FactKey, FactStore } from '../domain/ports/fact-store.js';
import { inBatches, listedFactsKey, missingFact, type ListedFile } from './source-listing.js';

const LOAD_KEYS = 256;

/** The files of a snapshot as the linker takes them: facts come from the FactStore when it asks for them. */
export interface LinkSources {
  readonly list: readonly LinkSource[];
  readonly earlier: (version: string) => FileFacts | undefined;
  /** Gets facts ready. Throws `facts-missing` when those of a source are gone; earlier ones may be. */
  load(sources: readonly LinkSource[], earlier: readonly string[]): Promise<void>;
}

/** Facts are decoded when they are first read; what several paths hold is decoded once, and its bytes are let go. */
export function createLinkSources(factStore: FactStore, files: readonly ListedFile[], parser: string, options: CallOptions): LinkSources {
  const encoded = new Map<FactKey, Uint8Array>();
  const decoded = new Map<FactKey, FileFacts>();
  function factsOf(key: FactKey): FileFacts | undefined {
    const known = decoded.get(key);
    const bytes = known === undefined ? encoded.get(key) : undefined;
    if (bytes === undefined) return known;
    const facts = decodeFacts(bytes);
    decoded.set(key, facts);
    encoded.delete(key);
    return facts;
  }
  return {
    list: files.map((file) => {
      const version = listedFactsKey(parser, file);
      return { path: file.path, blob: file.blob, language: file.language, version, facts: () => factsOf(version) };
    }),
    earlier: factsOf,
    async load(sources, earlier) {
      const wanted = new Set([...sources.map((source) => source.version), ...earlier].filter((key) => key !== '' && !encoded.has(key) && !decoded.has(key)));
      for (const batch of inBatches([...wanted], LOAD_KEYS)) {
        for await (const entries of factStore.get(batch, options)) for (const { key, bytes } of entries) encoded.set(key, bytes);
      }
      const missing = sources.find(({ version }) => !encoded.has(version) && !decoded.has(version));
      if (missing !== undefined) throw missingFact(missing.version);
    },
  };
}
