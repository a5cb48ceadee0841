import { setTimeout as sleep } from 'node:timers/promises';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { Bucket, ListedObject } from './bucket.js';
import { createQueue, inParallel } from './in-parallel.js';
import { LogState } from './log-state.js';
import { decodeRecord, encodeRecord, type LogRecord } from './pack-record.js';

/**
 * The log of one kind of keys: objects named by consecutive numbers, each made only if there is none of that name, so that all writers agree on one order
 * and nobody overwrites. A base says the whole; what is numbered below the newest base is void, and removed when somebody comes by.
 *
 * A writer that has slept may find the number it means to take free again, because a base has been written above it and the records below are gone. Its
 * record is then void, though it was made. Therefore every commit looks once more afterwards: the base was there before the number became free, so that look
 * finds it. Why each step is as it is: docs/decisions/0018-facts-in-a-bucket.md.
 */
export class PackLog {
  readonly state = new LogState();
  /** Changes of the state are made one after the other. */
  readonly exclusive = createQueue();
  readonly #bucket: Bucket;
  readonly #prefix: string;
  /** Numbers of the base (0: none yet) and of the newest record; ids and bytes of those from the base on. */
  #base = 0;
  #tail = 0;
  readonly #live = new Map<number, { readonly id: string; readonly bytes: number }>();
  #listed: readonly number[] = [];
  #loaded = false;

  constructor(bucket: Bucket, prefix: string) {
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  /** Whether the log has been read at all. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Whether so much has come since the base that everything is better said anew. */
  get long(): boolean {
    const since = this.#tail - this.#base;
    if (since < LONG_RECORDS) return false;
    let [base, others] = [0, 0];
    for (const [number, { bytes }] of this.#live) number === this.#base ? base += bytes : others += bytes;
    return since >= VERY_LONG_RECORDS || others * 4 >= base;
  }

  /** Brings the state up to date: one listing, and what is new. Call it under {@link exclusive}. */
  async refresh(signal: AbortSignal | undefined): Promise<void> {
    let last = '';
    for (let attempt = 1; ; attempt++) {
      const numbers = (await this.#bucket.list(this.#prefix, signal)).flatMap((object) => this.#numberOf(object));
      // Records that are missing time and again were removed by hand: what is left is all there is.
      const settled = attempt > SETTLED_LOOKS && numbers.join() === last;
      if (settled) this.#forget();
      if (await this.#follow(numbers, settled, signal)) {
        this.#listed = numbers;
        this.#loaded = true;
        return;
      }
      // Somebody wrote a base and removed what is below it while we looked. The next look begins after that base was there, and finds it.
      if (attempt === LOOKS) throw new CodeloomError('store-busy', `The log below ${this.#prefix} changes faster than it can be read; try again.`);
      last = numbers.join();
      await pause(attempt * 20, signal);
    }
  }

  /**
   * Makes the record the next one of the log and applies it; false when another came first. The state is up to date then, and the record has to be thought
   * over. After an error the record may be in the log all the same. Call it under {@link exclusive}.
   */
  async commit(record: LogRecord, signal: AbortSignal | undefined): Promise<boolean> {
    const number = this.#tail + 1;
    const bytes = encodeRecord(record);
    const made = await this.#bucket.create(this.#name(number), bytes, signal);
    if (made) this.#take(number, record, bytes.length);
    await this.refresh(signal);
    // Where none was made, it may be our own from an attempt whose answer was lost.
    if (this.#live.get(number)?.id !== record.id) return false;
    if (record.base) await this.#sweep(signal);
    return true;
  }

  /** Removes records that are void. */
  async #sweep(signal: AbortSignal | undefined): Promise<void> {
    const base = this.#base;
    await this.#bucket.remove(this.#listed.filter((number) => number < base).map((number) => this.#name(number)), signal);
  }

  /** Applies what is new among the listed numbers; false when they cannot be the whole, and nobody has settled that they are. */
  async #follow(numbers: readonly number[], settled: boolean, signal: AbortSignal | undefined): Promise<boolean> {
    const tail = this.#tail;
    // A base above what is known makes the known void, wherever it is.
    const fresh = numbers.filter((number) => number > tail);
    const records: (readonly [number: number, record: LogRecord, bytes: number])[] = [];
    for await (const read of inParallel(fresh, READS_AT_ONCE, signal, async (number, either) => {
      const bytes = await this.#bucket.read(this.#name(number), either);
      return bytes === undefined ? undefined : [number, decodeRecord(bytes, this.#name(number)), bytes.length] as const;
    })) {
      if (read === undefined) return false;
      records.push(read);
    }
    const newBase = records.findLastIndex(([, { base }]) => base);
    const applied = newBase < 0 ? records : records.slice(newBase);
    if (newBase < 0 && !settled) {
      const listed = new Set(numbers);
      for (const number of this.#live.keys()) if (!listed.has(number)) return false;
    }
    const first = newBase < 0 ? tail + 1 : (applied[0]?.[0] ?? 0);
    if (!settled && applied.some(([number], index) => number !== first + index)) return false;
    for (const [number, record, bytes] of applied) this.#take(number, record, bytes);
    return true;
  }

  #take(number: number, record: LogRecord, bytes: number): void {
    if (record.base) {
      this.#live.clear();
      this.#base = number;
    }
    this.#tail = number;
    this.#live.set(number, { id: record.id, bytes });
    this.state.apply(record);
  }

  #forget(): void {
    this.#base = this.#tail = 0;
    this.#live.clear();
    this.state.apply({ id: '', base: true, removed: [], packs: [] });
  }

  #name(number: number): string {
    return `${this.#prefix}${String(number).padStart(DIGITS, '0')}`;
  }

  #numberOf({ name }: ListedObject): number[] {
    const number = name.slice(this.#prefix.length);
    return /^\d{12}$/.test(number) ? [Number(number)] : [];
  }
}

/** Waits a little, some longer than others. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds * (0.5 + Math.random()), undefined, { signal });
  } catch {
    throwIfAborted(signal);
  }
}

const DIGITS = 12;
const LOOKS = 8;
const SETTLED_LOOKS = 2;
const READS_AT_ONCE = 8;
/** Records after which a base is written, if they are together a quarter of it at least; and in any case. */
const LONG_RECORDS = 64;
const VERY_LONG_RECORDS = 512;
