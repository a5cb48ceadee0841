import type { FactKey } from '../../domain/ports/fact-store.js';
import type { IndexEntry, LogRecord, PackIndex } from './pack-record.js';

/** Where a key's bytes lie. */
export interface Place extends IndexEntry {
  readonly pack: PackUse;
}

/** A pack and how much of it is of use. */
export interface PackUse {
  readonly name: string;
  readonly bytes: number;
  live: number;
  entries: number;
}

/** What a log says when its records are applied in order: which keys there are, and where. */
export class LogState {
  readonly places = new Map<FactKey, Place>();
  /** Packs that records name, those with nothing of use left too: until they are removed. */
  readonly packs = new Map<string, PackUse>();

  apply({ base, removed, packs }: LogRecord): void {
    if (base) {
      this.places.clear();
      this.packs.clear();
    }
    for (const key of removed) this.#remove(key);
    for (const pack of packs) this.#add(pack);
  }

  /** Everything as the packs of one record; `moved` gives another place to what still lies where it was taken from. */
  index(moved?: ReadonlyMap<Place, { readonly pack: { readonly name: string; readonly bytes: number }; readonly offset: number }>): PackIndex[] {
    const packs = new Map<string, { name: string; bytes: number; entries: IndexEntry[] }>();
    for (const place of this.places.values()) {
      const to = moved?.get(place);
      const { name, bytes } = to?.pack ?? place.pack;
      let pack = packs.get(name);
      if (pack === undefined) packs.set(name, pack = { name, bytes, entries: [] });
      const { key, stored, size, check, putAt } = place;
      pack.entries.push({ key, offset: to?.offset ?? place.offset, stored, size, check, putAt });
    }
    return [...packs.values()];
  }

  #add({ name, bytes, entries }: PackIndex): void {
    const pack: PackUse = this.packs.get(name) ?? { name, bytes, live: 0, entries: 0 };
    this.packs.set(name, pack);
    for (const entry of entries) {
      if (this.places.has(entry.key)) continue;
      this.places.set(entry.key, { ...entry, pack });
      pack.live += entry.stored;
      pack.entries++;
    }
  }

  #remove(key: FactKey): void {
    const place = this.places.get(key);
    if (place === undefined) return;
    this.places.delete(key);
    place.pack.live -= place.stored;
    place.pack.entries--;
  }
}
