import { decodeFacts } from '../domain/facts-codec.js';
import type { FileFacts } from '../domain/file-facts.js';
import type { LinkSource } from '../domain/linking/linker.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import type { FactKey, FactStore } from '../domain/ports/fact-store.js';
import { inBatches, listedFactsKey, missingFact, type ListedFile } from './source-listing.js';

const LOAD_KEYS = 256;
/** So many bytes of encoded facts stay at hand. */
const ENCODED_BYTES = 64_000_000;
/** So many bytes of source have their facts decoded at hand; decoded, facts take tens of times the room. */
const DECODED_SOURCE_BYTES = 8_000_000;

/** The files of a snapshot as the linker takes them: facts come from the FactStore when it asks for them, and leave when others need the room. */
export interface LinkSources {
  readonly list: readonly LinkSource[];
  readonly earlier: (version: string) => FileFacts | undefined;
  /** Gets facts ready, until more have been asked for than there is room. Throws `facts-missing` when those of a source are gone; earlier ones may be. */
  load(sources: readonly LinkSource[], earlier: readonly string[]): Promise<void>;
}

/** Facts are decoded when they are first read; what several paths hold is decoded once. */
export function createLinkSources(factStore: FactStore, files: readonly ListedFile[], parser: string, options: CallOptions): LinkSources {
  const encoded = new BoundedMap<Uint8Array>(ENCODED_BYTES, (bytes) => bytes.length);
  const decoded = new BoundedMap<FileFacts>(DECODED_SOURCE_BYTES, (facts) => facts.bytes);
  function factsOf(key: FactKey): FileFacts | undefined {
    const known = decoded.get(key);
    if (known !== undefined) return known;
    const bytes = encoded.get(key);
    if (bytes === undefined) return undefined;
    const facts = decodeFacts(bytes);
    decoded.set(key, facts);
    return facts;
  }
  return {
    list: files.map((file) => {
      const version = listedFactsKey(parser, file);
      return { path: file.path, blob: file.blob, language: file.language, version, facts: () => factsOf(version) };
    }),
    earlier: factsOf,
    async load(sources, earlier) {
      encoded.release();
      decoded.release();
      const keys = new Set([...sources.map((source) => source.version), ...earlier].filter((key) => key !== ''));
      const wanted = [...keys].filter((key) => !encoded.hold(key));
      for (const batch of inBatches(wanted, LOAD_KEYS)) {
        for await (const entries of factStore.get(batch, options)) for (const { key, bytes } of entries) encoded.set(key, bytes);
      }
      const missing = sources.find(({ version }) => !encoded.has(version));
      if (missing !== undefined) throw missingFact(missing.version);
    },
  };
}

/** Values under keys, of which the oldest go when they weigh too much together; those set or held since the last `release` stay. */
class BoundedMap<V> {
  readonly #limit: number;
  readonly #weigh: (value: V) => number;
  readonly #values = new Map<string, V>();
  #weight = 0;
  #held = 0;

  constructor(limit: number, weigh: (value: V) => number) {
    this.#limit = limit;
    this.#weigh = weigh;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  release(): void {
    this.#held = 0;
  }

  /** Keeps the value of a key, if there is one. */
  hold(key: string): boolean {
    const value = this.#values.get(key);
    if (value === undefined) return false;
    this.#values.delete(key);
    this.#values.set(key, value);
    this.#held++;
    return true;
  }

  set(key: string, value: V): void {
    if (this.#values.has(key)) return;
    this.#values.set(key, value);
    this.#weight += this.#weigh(value);
    this.#held++;
    for (const [oldest, old] of this.#values) {
      if (this.#weight <= this.#limit || this.#values.size <= this.#held) break;
      this.#values.delete(oldest);
      this.#weight -= this.#weigh(old);
    }
  }
}
