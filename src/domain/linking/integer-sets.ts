/** Which set of {@link IntegerSets}. */
export type SetId = number;

/** The empty set. */
export const EMPTY_SET: SetId = 0;
/** A set that has grown past counting: holds every integer. */
export const UNIVERSE: SetId = 1;

/** A set of more elements than this counts as {@link UNIVERSE}. */
const MAX_ELEMENTS = 4096;
/** Once all sets together hold so many elements, no more large ones are made. */
const MAX_POOLED = 6_000_000;
const LARGE = 256;
const ID_RANGE = 2 ** 26;

/** Sets of integers, each of which exists once, so that two sets are equal when their ids are, and uniting two that were united before is a lookup. */
export class IntegerSets {
  readonly #elements: Int32Array[] = [new Int32Array(0), new Int32Array(0)];
  readonly #byHash = new Map<number, SetId | SetId[]>();
  readonly #unions = new Map<number, SetId>();
  readonly #singles = new Map<number, SetId>();
  #pooled = 0;

  single(element: number): SetId {
    let id = this.#singles.get(element);
    if (id === undefined) this.#singles.set(element, (id = this.#intern(Int32Array.of(element))));
    return id;
  }

  unite(a: SetId, b: SetId): SetId {
    if (a === b || b === EMPTY_SET) return a;
    if (a === EMPTY_SET) return b;
    if (a === UNIVERSE || b === UNIVERSE) return UNIVERSE;
    const key = a < b ? a * ID_RANGE + b : b * ID_RANGE + a;
    let id = this.#unions.get(key);
    if (id === undefined) this.#unions.set(key, (id = this.#merge(a, b)));
    return id;
  }

  /** Ascending; nothing for {@link UNIVERSE}, which is to be asked for first. */
  elements(id: SetId): Int32Array {
    return this.#elements[id] ?? new Int32Array(0);
  }

  #merge(a: SetId, b: SetId): SetId {
    const left = this.elements(a);
    const right = this.elements(b);
    const merged = new Int32Array(left.length + right.length);
    let length = 0;
    for (let i = 0, j = 0; i < left.length || j < right.length; ) {
      const x = left[i] ?? Infinity;
      const y = right[j] ?? Infinity;
      merged[length++] = Math.min(x, y);
      if (x <= y) i++;
      if (y <= x) j++;
    }
    if (length === left.length) return a;
    if (length === right.length) return b;
    if (length > MAX_ELEMENTS || (length > LARGE && this.#pooled > MAX_POOLED)) return UNIVERSE;
    return this.#intern(merged.slice(0, length));
  }

  #intern(elements: Int32Array): SetId {
    const hash = hashOf(elements);
    const known = this.#byHash.get(hash);
    const candidates = known === undefined ? [] : typeof known === 'number' ? [known] : known;
    for (const id of candidates) if (equal(this.elements(id), elements)) return id;
    const id = this.#elements.push(elements) - 1;
    this.#pooled += elements.length;
    this.#byHash.set(hash, known === undefined ? id : [...candidates, id]);
    return id;
  }
}

/** FNV-1a over the elements (http://www.isthe.com/chongo/tech/comp/fnv/). */
function hashOf(elements: Int32Array): number {
  let hash = 0x811c9dc5;
  for (const element of elements) hash = Math.imul(hash ^ element, 0x01000193) ^ (element >>> 15);
  return hash;
}

function equal(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
