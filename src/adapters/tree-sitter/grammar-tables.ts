import type { Language } from 'web-tree-sitter';
import { CodeloomError } from '../../domain/errors.js';
import type { Grammar } from './syntax-nodes.js';
import { addressOf } from './wasm-core.js';

export const ERROR_KIND = 65_535;
const ERROR_REPEAT = 65_534;

/** What {@link walkMemory} looks up for a node, copied out of the grammar's own tables. */
export interface GrammarTables {
  /** From the core's symbol ids to those of {@link Grammar.kind}. */
  readonly symbols: Uint16Array;
  /** By symbol id: 1 where an alias of this symbol is a named node. */
  readonly named: Uint8Array;
  /** By production * width + place among the children that are not extras: field id, alias symbol; 0 for none. */
  readonly fields: Uint16Array;
  readonly aliases: Uint16Array;
  readonly width: number;
}

interface Memory {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU16: Uint16Array;
  readonly HEAPU32: Uint32Array;
}

/**
 * Copies a grammar's tables out of WebAssembly memory. TSLanguage on wasm32, u32 index: 0 ABI, 1 symbols, 2 aliases, 7 productions, 8 fields, u16 at byte 36 longest
 * alias sequence, 16 field slices, 17 field entries, 18 symbol metadata (3 bytes each), 19 public symbols, 21 alias sequences. Throws `parser-failed` for another layout.
 */
export function readTables(memory: Memory, language: Language, kinds: KindNames): GrammarTables {
  const { HEAPU8: u8, HEAPU16: u16, HEAPU32: u32 } = memory;
  const address = addressOf(language);
  const word = (index: number): number => u32[(address >> 2) + index] ?? 0;
  const half = (index: number): number => u16[index] ?? 0;
  const symbolCount = word(1) + word(2);
  const productions = word(7);
  const longestAlias = half((address + 36) >> 1);
  const slices = word(8) === 0 ? 0 : word(16) >> 1;
  const entries = word(17);
  const metadata = word(18);
  const publicSymbols = word(19) >> 1;
  const aliasSequences = word(21) >> 1;
  if (word(0) < 13 || word(0) > 15 || symbolCount >= ERROR_REPEAT || productions > 1 << 20) {
    throw new CodeloomError('parser-failed', 'The grammar has a layout that cannot be read from memory.', { retryable: false });
  }

  const symbols = new Uint16Array(65_536);
  const named = new Uint8Array(65_536);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    symbols[symbol] = kinds.folded(half(publicSymbols + symbol));
    named[symbol] = u8[metadata + symbol * 3 + 1] ?? 0;
  }
  symbols[ERROR_KIND] = ERROR_KIND;
  symbols[ERROR_REPEAT] = ERROR_REPEAT;
  named[ERROR_KIND] = 1;

  const ofProduction = (production: number, each: (entry: number) => void): void => {
    if (slices === 0) return;
    const first = half(slices + production * 2);
    for (let entry = first; entry < first + half(slices + production * 2 + 1); entry++) each(entries + entry * 4);
  };
  let width = longestAlias;
  for (let p = 0; p < productions; p++) ofProduction(p, (entry) => (width = Math.max(width, (u8[entry + 2] ?? 0) + 1)));
  const fields = new Uint16Array(productions * width);
  const aliases = new Uint16Array(productions * width);
  for (let p = 0; p < productions; p++) {
    ofProduction(p, (entry) => {
      const place = p * width + (u8[entry + 2] ?? 0);
      const isInherited = u8[entry + 3] !== 0;
      if (!isInherited && fields[place] === 0) fields[place] = half(entry >> 1);
    });
    // Production 0 stands for "no aliases, no fields".
    for (let i = 0; p > 0 && i < longestAlias; i++) aliases[p * width + i] = half(aliasSequences + p * longestAlias + i);
  }
  return { symbols, named, fields, aliases, width };
}

/** A grammar's names; where several ids have one name and namedness, the lowest stands for all. */
export class KindNames implements Grammar {
  readonly #names: readonly (string | undefined)[];
  readonly #named = new Map<string, number>();
  readonly #anonymous = new Map<string, number>();
  readonly #fields = new Map<string, number>();
  readonly #folded: Uint16Array;

  constructor(language: Language) {
    this.#names = language.types;
    this.#folded = new Uint16Array(language.types.length);
    language.types.forEach((name: string | undefined, id) => {
      this.#folded[id] = id;
      if (name === undefined || !language.nodeTypeIsVisible(id)) return;
      const ids = language.nodeTypeIsNamed(id) ? this.#named : this.#anonymous;
      const first = ids.get(name);
      if (first === undefined) ids.set(name, id);
      else this.#folded[id] = first;
    });
    this.#named.set('ERROR', ERROR_KIND);
    language.fields.forEach((name, id) => {
      if (name !== null) this.#fields.set(name, id);
    });
  }

  kind(name: string, named?: boolean): number {
    if (named === undefined) return this.#named.get(name) ?? this.#anonymous.get(name) ?? -1;
    return (named ? this.#named : this.#anonymous).get(name) ?? -1;
  }

  kindName(id: number): string {
    return id === ERROR_KIND ? 'ERROR' : (this.#names[id] ?? '');
  }

  field(name: string): number {
    return this.#fields.get(name) ?? 0;
  }

  folded(id: number): number {
    return this.#folded[id] ?? id;
  }
}
