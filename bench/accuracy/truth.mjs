// A truth file: what a repository's definitions, calls, imports and base classes are by oracles that know its types. See docs/accuracy.md.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** The rows of a file of JSON lines, gzipped or not. */
export function readRows(file) {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line));
}

/** Whether a name fits: a private member's may be written with and without its `#`. */
const bare = (name) => (name ?? '').replace(/^#/, '');
const CODE = new Set(['function', 'method', 'class', 'constructor']);

/**
 * What a truth says, ready to be asked. Its ends are ids: those of files are texts, those of definitions numbers. A pair of ends is `from>to`.
 */
export class Truth {
  meta = {};
  /** Definitions by id, in the order of the truth; each with its `path` and the `ranges` of lines in which its name may be said to stand. */
  definitions = new Map();
  calls = [];
  imports = [];
  inherits = [];
  #pathById = new Map();
  #idByPath = new Map();
  #definitionsByPath = new Map();
  #references = new Set();
  #unknown = new Set();
  /** Pair of accepted ends -> positions in `calls`. */
  #accepted = new Map();
  #exact = new Map();
  #namesCalled = new Set();

  constructor(rows) {
    for (const row of rows) this.#take(row);
    for (const definition of this.definitions.values()) {
      definition.path = this.#pathById.get(definition.file);
      definition.ranges = [[definition.start, definition.line], ...(definition.also ?? []).map(([line, start]) => [start, line])];
      this.#definitionsByPath.get(definition.path).push(definition);
    }
    this.calls.forEach((call, index) => this.#takeCall(call, index));
  }

  #take(row) {
    switch (row.t) {
      case 'meta': this.meta = row; break;
      case 'file':
        this.#pathById.set(row.id, row.path);
        this.#idByPath.set(row.path, row.id);
        this.#definitionsByPath.set(row.path, []);
        break;
      case 'def': this.definitions.set(row.id, row); break;
      case 'call': this.calls.push(row); break;
      case 'import': this.imports.push(row); break;
      case 'inherit': this.inherits.push(row); break;
      case 'ref': this.#references.add(`${row.from}>${row.to}`); break;
      case 'unk': for (const from of [row.from, ...(row.altFrom ?? [])]) this.#unknown.add(`${from}>${row.name}`); break;
      default: throw new Error(`A truth has no row of kind ${JSON.stringify(row.t)}.`);
    }
  }

  #takeCall(call, index) {
    this.#exact.set(`${call.from}>${call.to}`, index);
    for (const from of [call.from, ...(call.altFrom ?? [])]) {
      this.#namesCalled.add(`${from}>${this.definitions.get(call.to).name}`);
      for (const to of [call.to, ...(call.altTo ?? [])]) {
        const pair = `${from}>${to}`;
        const known = this.#accepted.get(pair);
        if (known === undefined) this.#accepted.set(pair, [index]);
        else known.push(index);
      }
    }
  }

  get files() {
    return [...this.#pathById.keys()];
  }

  fileId(path) {
    return this.#idByPath.get(path);
  }

  /** The file in which an end lies. */
  fileOf(id) {
    return this.definitions.get(id)?.file ?? id;
  }

  describe(id) {
    const definition = this.definitions.get(id);
    return definition === undefined ? `file ${this.#pathById.get(id)}` : `${definition.kind} ${definition.name} ${definition.path}:${definition.line}`;
  }

  /** The definition that a node stands for: of those with its name in its place the one that fits best. */
  definitionOf(node) {
    const constructs = node.kind === 'constructor';
    let best;
    let bestRank = -1;
    for (const definition of this.#definitionsByPath.get(node.file) ?? []) {
      const named = bare(definition.name) === bare(node.name);
      const aliased = definition.alias === node.name;
      if (!(named || aliased || (definition.anon && CODE.has(node.kind)) || (constructs && definition.ctor))) continue;
      if (!definition.ranges.some(([start, line]) => node.line >= start && node.line <= line)) continue;
      const rank = (named ? 8 : aliased ? 7 : 0) + (definition.opt ? 0 : 4) + (definition.kind === node.kind || (constructs && definition.ctor) ? 2 : 0) + (definition.line === node.line ? 1 : 0);
      if (rank > bestRank) {
        best = definition;
        bestRank = rank;
      }
    }
    return best;
  }

  /** The positions of the calls that a pair of ends answers, those first that it answers to the letter; all of them, the optional too. */
  callsBetween(from, to) {
    const exact = this.#exact.get(`${from}>${to}`);
    const all = this.#accepted.get(`${from}>${to}`) ?? [];
    return exact === undefined ? all : [exact, ...all.filter((index) => index !== exact)];
  }

  isReference(from, to) {
    return this.#references.has(`${from}>${to}`);
  }

  /** Whether the oracles could not say where a call of this name leads. */
  isUnknown(from, name) {
    return this.#unknown.has(`${from}>${name}`);
  }

  callsOfName(from, name) {
    return this.#namesCalled.has(`${from}>${name}`);
  }
}
