import type { CallOptions } from '../domain/ports/call-options.js';
import type { FactStore } from '../domain/ports/fact-store.js';
import { readMemory, type LinkMemory, type MemoryOf } from './link-memory.js';

/** The link memory that this process read or wrote last, for a process that stays: the next run, and questions about places, need not read it again. */
export interface LinkMemoryCache {
  find(of: MemoryOf): LinkMemory | undefined;
  keep(of: MemoryOf, memory: LinkMemory): void;
}

/** Some 5 KB a file are held. */
const MAX_FILES = 10_000;

/** Holds one memory, of at most `maxFiles` files. */
export function createLinkMemoryCache({ maxFiles = MAX_FILES }: { readonly maxFiles?: number | undefined } = {}): LinkMemoryCache {
  let held: { readonly key: string; readonly memory: LinkMemory } | undefined;
  return {
    find: (of) => (held?.key === keyOf(of) ? held.memory : undefined),
    keep(of, memory) {
      held = memory.linkage.files.length > maxFiles ? undefined : { key: keyOf(of), memory };
    },
  };
}

/** What is at hand, else what the FactStore has; undefined when there is neither. */
export async function findMemoryOf(
  { factStore, linkMemories }: { readonly factStore: FactStore; readonly linkMemories?: LinkMemoryCache | undefined }, of: MemoryOf, options?: CallOptions,
): Promise<LinkMemory | undefined> {
  const known = linkMemories?.find(of);
  if (known !== undefined) return known;
  const read = await readMemory(factStore, of, options);
  if (read !== undefined) linkMemories?.keep(of, read);
  return read;
}

function keyOf({ repository, snapshot, indexerVersion }: MemoryOf): string {
  return JSON.stringify([repository, snapshot, indexerVersion]);
}
