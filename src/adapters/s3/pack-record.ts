import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { CodeloomError } from '../../domain/errors.js';
import type { FactKey } from '../../domain/ports/fact-store.js';

/** One step of a log. Applied in this order: forget everything before, if it is a base; remove; add. */
export interface LogRecord {
  /** Whose it is: a writer that did not hear the answer knows its own record again. */
  readonly id: string;
  /** Whether it says the whole, so that records before it are void. */
  readonly base: boolean;
  readonly removed: readonly FactKey[];
  readonly packs: readonly PackIndex[];
}

/** What lies in one pack, as far as it is of use. */
export interface PackIndex {
  /** Name of the object. */
  readonly name: string;
  readonly bytes: number;
  readonly entries: readonly IndexEntry[];
}

export interface IndexEntry {
  readonly key: FactKey;
  /** Where its stored bytes begin in the pack, and how many they are. */
  readonly offset: number;
  readonly stored: number;
  /** Bytes that were put; more than `stored` when they are deflated. */
  readonly size: number;
  /** CRC-32 of the stored bytes. */
  readonly check: number;
  /** When it was put, in milliseconds of the epoch. */
  readonly putAt: number;
}

const FORMAT = 1;

type Written = [format: number, id: string, base: 0 | 1, removed: readonly string[], packs: readonly (readonly [name: string, bytes: number, putAt: number, entries: readonly (string | number)[]])[]];
/** Fields of an entry in the flat list. */
const FIELDS = 6;

/** Keys are any text: JSON keeps what is no well-formed Unicode. */
export function encodeRecord({ id, base, removed, packs }: LogRecord): Uint8Array {
  const written: Written = [FORMAT, id, base ? 1 : 0, removed, packs.map(({ name, bytes, entries }) => {
    const putAt = entries[0]?.putAt ?? 0;
    return [name, bytes, putAt, entries.flatMap((entry) => [entry.key, entry.offset, entry.stored, entry.size, entry.check, entry.putAt - putAt])] as const;
  })];
  return deflateRawSync(JSON.stringify(written), { level: 6 });
}

/** Reads what {@link encodeRecord} wrote. Errors: `store-corrupt`, `store-too-new`. */
export function decodeRecord(bytes: Uint8Array, name: string): LogRecord {
  let written: Written;
  try {
    written = JSON.parse(inflateRawSync(bytes).toString('utf8')) as Written; // put there by this file; its format is checked below
  } catch (error) {
    throw new CodeloomError('store-corrupt', `${name} is no record of a fact store, or damaged. Facts are a cache: remove everything under its prefix.`, { cause: error, details: { name } });
  }
  const [format, id, base, removed, packs] = written;
  if (format !== FORMAT) throw new CodeloomError('store-too-new', `${name} was written by a newer version of codeloom (${String(format)}). Use that, or another prefix.`, { details: { name } });
  return {
    id, base: base === 1, removed,
    packs: packs.map(([pack, size, firstPutAt, flat]) => {
      const entries: IndexEntry[] = [];
      for (let at = 0; at < flat.length; at += FIELDS) {
        entries.push({ key: String(flat[at]), offset: Number(flat[at + 1]), stored: Number(flat[at + 2]), size: Number(flat[at + 3]), check: Number(flat[at + 4]), putAt: firstPutAt + Number(flat[at + 5]) });
      }
      return { name: pack, bytes: size, entries };
    }),
  };
}
