import { randomUUID } from 'node:crypto';
import { CodeloomError } from '../../domain/errors.js';
import type { FactEntry, FactKey } from '../../domain/ports/fact-store.js';
import type { Bucket } from './bucket.js';
import { createShared } from './in-parallel.js';
import type { Place } from './log-state.js';
import { pause, PackLog } from './pack-log.js';
import type { LogRecord, PackIndex } from './pack-record.js';
import { copyPlaces, readPlaces, storeEntries, unpack, type PackPlace } from './packs.js';

const HOUR_MS = 3_600_000;
/** A pack that no record names after so long belongs to a writer that is no more; a writer gives up well before. */
const ORPHANED_MS = 24 * HOUR_MS;
const COMMIT_WITHIN_MS = 12 * HOUR_MS;
/** Packs smaller than this part of the usual size are put together when there are so many of them. */
const SMALL_PART = 16;
const SMALL_PACKS = 64;
const ROUNDS = 5;

/** The keys of one kind: packs that hold bytes, and the log that says what lies where. */
export class PackedKind {
  readonly #log: PackLog;
  readonly #packs: PackPlace;
  /** Packs that are there and in no record yet. */
  readonly #waiting = new Set<PackIndex>();
  /** Brings what is known of the log up to date. */
  readonly #refresh: (signal: AbortSignal | undefined) => Promise<void>;

  constructor({ bucket, prefix, packBytes }: { bucket: Bucket; prefix: string; packBytes: number }) {
    this.#log = new PackLog(bucket, `${prefix}log/`);
    this.#packs = { bucket, prefix: `${prefix}data/`, packBytes };
    this.#refresh = createShared(this.#log.exclusive, (signal) => this.#log.refresh(signal));
  }

  async has(keys: readonly FactKey[], signal: AbortSignal | undefined): Promise<FactKey[]> {
    await this.#refresh(signal);
    return keys.filter((key) => this.#log.state.places.has(key));
  }

  /**
   * What is known lies where it lies, until its pack is gone: only then, and for what is not known, the log is asked. So a key that another process has pruned may
   * be given for a while, with the content that it always had.
   */
  async *get(keys: readonly FactKey[], signal: AbortSignal | undefined): AsyncGenerator<readonly FactEntry[]> {
    const { places } = this.#log.state;
    if (!this.#log.loaded || keys.some((key) => !places.has(key))) await this.#refresh(signal);
    let wanted = keys;
    for (let round = 1; wanted.length > 0 && round <= ROUNDS; round++) {
      const gone: Place[] = [];
      for await (const read of readPlaces(this.#packs, wanted.flatMap((key) => places.get(key) ?? []), signal)) {
        gone.push(...read.gone);
        if (read.found.length > 0) yield read.found.map(unpack);
      }
      if (gone.length === 0) return;
      // Removed, or put elsewhere, by another process since we read the log.
      await this.#refresh(signal);
      const lost = gone.filter(({ key, pack }) => places.get(key)?.pack.name === pack.name);
      if (lost.length > 0) await this.#forget(lost, signal);
      wanted = gone.map(({ key }) => key);
    }
  }

  async put(entries: readonly FactEntry[], putAt: number, signal: AbortSignal | undefined): Promise<void> {
    const { places } = this.#log.state;
    // What is known may have been removed by another process; what is not known shows itself when the record is made.
    if (!this.#log.loaded || entries.some(({ key }) => places.has(key))) await this.#refresh(signal);
    const missing = entries.filter(({ key }) => !places.has(key));
    if (missing.length === 0) return;
    const begun = Date.now();
    const made = await storeEntries(this.#packs, missing, putAt, signal);
    if (Date.now() - begun > COMMIT_WITHIN_MS) throw new CodeloomError('store-unavailable', 'Putting facts took so long that what was sent may be gone; try again.');
    await this.#name(made, signal);
    // What came to nothing, because others had put the same meanwhile.
    await this.#removePacks(made.map(({ name }) => name).filter((name) => !this.#log.state.packs.has(name)), signal);
    if (this.#log.long) await this.#writeBase(signal);
  }

  /** Puts packs into the log, together with those of all other puts that wait for it: records are what writers get into each other's way with. */
  async #name(made: readonly PackIndex[], signal: AbortSignal | undefined): Promise<void> {
    for (const pack of made) this.#waiting.add(pack);
    try {
      await this.#log.exclusive(signal, async () => {
        for (let attempt = 1; made.some((pack) => this.#waiting.has(pack)); attempt++) {
          const all = [...this.#waiting];
          const packs = all.map((pack) => ({ ...pack, entries: pack.entries.filter(({ key }) => !this.#log.state.places.has(key)) })).filter(({ entries }) => entries.length > 0);
          if (packs.length > 0 && !(await this.#log.commit({ id: randomUUID(), base: false, removed: [], packs }, signal))) await pause(Math.min(attempt, 20) * 5, signal);
          else for (const pack of all) this.#waiting.delete(pack);
        }
      });
    } finally {
      // After a failure the others do it themselves.
      for (const pack of made) this.#waiting.delete(pack);
    }
  }

  /** Removes the entries that are doomed; gives how many. */
  async prune(isDoomed: (place: Place) => boolean, signal: AbortSignal | undefined): Promise<number> {
    let removed = 0;
    await this.#replace(signal, () => {
      const doomed = [...this.#log.state.places.values()].filter(isDoomed);
      removed = doomed.length;
      return removed === 0 ? undefined : this.#without(new Set(doomed.map(({ key }) => key)));
    });
    if (this.#isWasteful()) await this.#rewrite(signal);
    else if (this.#log.long) await this.#writeBase(signal);
    return removed;
  }

  /**
   * Makes the record that `record` gives for the newest state, anew as long as others come first, and removes the packs of which nothing is of use then. Readers
   * elsewhere that still mean to read there find nothing, and look again.
   */
  async #replace(signal: AbortSignal | undefined, record: () => LogRecord | undefined): Promise<boolean> {
    const { state } = this.#log;
    const obsolete = await this.#log.exclusive(signal, async () => {
      await this.#log.refresh(signal);
      for (let attempt = 1; ; attempt++) {
        const before = [...state.packs.keys()];
        const next = record();
        if (next === undefined) return undefined;
        if (await this.#log.commit(next, signal)) return before.filter((name) => (state.packs.get(name)?.entries ?? 0) === 0);
        await pause(Math.min(attempt, 20) * 5, signal);
      }
    });
    if (obsolete === undefined) return false;
    await this.#removePacks(obsolete, signal);
    for (const name of obsolete) state.packs.delete(name);
    return true;
  }

  /** The record that says that these keys are no more: their list, or what stays when that is shorter. */
  #without(keys: ReadonlySet<FactKey>): LogRecord {
    const { state } = this.#log;
    if (keys.size * 2 < state.places.size) return { id: randomUUID(), base: false, removed: [...keys], packs: [] };
    const packs = state.index().map((pack) => ({ ...pack, entries: pack.entries.filter(({ key }) => !keys.has(key)) })).filter(({ entries }) => entries.length > 0);
    return { id: randomUUID(), base: true, removed: [], packs };
  }

  /** Takes out of the log what somebody has removed from the bucket behind its back, so that it can be put again. */
  async #forget(lost: readonly Place[], signal: AbortSignal | undefined): Promise<void> {
    const { places } = this.#log.state;
    await this.#replace(signal, () => {
      const still = lost.filter(({ key, pack }) => places.get(key)?.pack.name === pack.name);
      return still.length === 0 ? undefined : this.#without(new Set(still.map(({ key }) => key)));
    });
  }

  async #removePacks(names: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    if (names.length > 0) await this.#packs.bucket.remove(names.map((name) => `${this.#packs.prefix}${name}`), signal);
  }

  #isWasteful(): boolean {
    let [live, waste, small] = [0, 0, 0];
    for (const pack of this.#log.state.packs.values()) {
      live += pack.live;
      waste += pack.bytes - pack.live;
      if (this.#isSmall(pack)) small++;
    }
    return (waste > 2 * this.#packs.packBytes && waste > live / 2) || small >= SMALL_PACKS;
  }

  #isSmall({ live }: { readonly live: number }): boolean {
    return live < this.#packs.packBytes / SMALL_PART;
  }

  /** Copies what is of use out of wasteful and small packs, says so in a base, and removes them. */
  async #rewrite(signal: AbortSignal | undefined): Promise<void> {
    const { state } = this.#log;
    const places = [...state.places.values()].filter(({ pack }) => pack.live * 2 < pack.bytes || this.#isSmall(pack));
    const { packs, moved } = await copyPlaces(this.#packs, places, signal);
    const replaced = await this.#replace(signal, () => {
      // After a base of somebody else the places are others, though they may be the same: that one has done this work.
      const same = [...moved.keys()].every((place) => !state.places.has(place.key) || state.places.get(place.key) === place);
      return same ? { id: randomUUID(), base: true, removed: [], packs: state.index(moved) } : undefined;
    });
    const useless = packs.map(({ name }) => name).filter((name) => !state.packs.has(name));
    await this.#removePacks(useless, signal);
    if (replaced) await this.#sweep(signal);
  }

  /** Says everything anew in one record. When another comes first, it is left to the next. */
  async #writeBase(signal: AbortSignal | undefined): Promise<void> {
    const written = await this.#log.exclusive(signal, () => this.#log.commit({ id: randomUUID(), base: true, removed: [], packs: this.#log.state.index() }, signal));
    if (written) await this.#sweep(signal);
  }

  /** Removes packs of which no record knows, long after any writer could still mean to make one. */
  async #sweep(signal: AbortSignal | undefined): Promise<void> {
    const { prefix, bucket } = this.#packs;
    // Listed before the log is read again: what is named since then is too young.
    const listed = await bucket.list(prefix, signal);
    await this.#refresh(signal);
    const old = Date.now() - ORPHANED_MS;
    const orphans = listed.filter(({ name, modified }) => modified.getTime() < old && !this.#log.state.packs.has(name.slice(prefix.length)));
    if (orphans.length > 0) await bucket.remove(orphans.map(({ name }) => name), signal);
  }
}
