import { isUtf8 } from 'node:buffer';
import type { Parser } from 'web-tree-sitter';
import { CodeloomError } from '../../domain/errors.js';
import { allowanceOf, type Allowance } from './allowance.js';
import { byteOffsets, walkCursor } from './cursor-walk.js';
import { KindNames, readTables, type GrammarTables } from './grammar-tables.js';
import { isKnown, type CompiledFile } from './grammars.js';
import { walkMemory } from './memory-walk.js';
import { compareReaders } from './self-test.js';
import { SyntaxNodes, type Grammar } from './syntax-nodes.js';
import { WasmCore } from './wasm-core.js';

interface LoadedGrammar {
  readonly file: string;
  readonly parser: Parser;
  readonly names: KindNames;
  readonly tables: GrammarTables;
  /** Why its trees are not read from memory; '' when they are. */
  distrust: string;
}

/** What came of one file. `fallback` says why the slower official reader read it, whose trees of damaged files may differ; '' when it did not. */
export type Reading = { readonly outcome: 'read'; readonly grammar: Grammar; readonly nodes: SyntaxNodes; readonly fallback: string } | { readonly outcome: 'exhausted'; readonly limit: 'work' | 'time' };

const KEPT_NODES = 1 << 20;
/** Parsers of cores that trapped. Were they collected, their finaliser would run in the broken memory. */
const abandoned: Parser[] = [];

/** Turns UTF-8 bytes into {@link SyntaxNodes}: one WebAssembly core, its grammars, and one set of node arrays used again for every file. One thread's own. */
export class SyntaxReader {
  readonly #core: WasmCore;
  readonly #coreKnown: boolean;
  readonly #grammars = new Map<string, LoadedGrammar>();
  #nodes = new SyntaxNodes();

  private constructor(core: WasmCore, coreKnown: boolean) {
    this.#core = core;
    this.#coreKnown = coreKnown;
  }

  static async start(core: CompiledFile): Promise<SyntaxReader> {
    return new SyntaxReader(await WasmCore.start(core.module), isKnown(core));
  }

  /** True when WebAssembly trapped: take another reader. */
  get broken(): boolean {
    return this.#core.broken;
  }

  /** WebAssembly memory in bytes; it only grows. */
  get memoryBytes(): number {
    return this.#core.memoryBytes;
  }

  has(grammar: string): boolean {
    return this.#grammars.has(grammar);
  }

  /** Loads a grammar. Where it or the core is not one of those compared at length, the two readers are compared first, and the slower one is used if they differ. */
  add(file: string, compiled: CompiledFile): void {
    if (this.#grammars.has(file)) return;
    const { library, exports } = this.#core;
    let grammar: LoadedGrammar;
    try {
      const language = library.Language.loadSync(compiled.module);
      const parser = new library.Parser();
      parser.setLanguage(language);
      const names = new KindNames(language);
      grammar = { file, parser, names, tables: readTables(exports, language, names), distrust: '' };
    } catch (error) {
      throw new CodeloomError('parser-failed', `The grammar ${file} cannot be loaded: ${messageOf(error)}`, { cause: error, retryable: false });
    }
    if (!this.#coreKnown || !isKnown(compiled)) {
      try {
        grammar.distrust = compareReaders(this.#core, grammar);
      } catch (error) {
        grammar.distrust = messageOf(error);
      }
    }
    this.#grammars.set(file, grammar);
  }

  /** Parses one file within so many milliseconds and stretches of work (see allowance.ts). The nodes are valid until the next call. Throws when the core traps or has no memory left. */
  read(file: string, bytes: Uint8Array, timeoutMs: number, work = Infinity): Reading {
    const grammar = this.#grammars.get(file);
    if (grammar === undefined) throw new CodeloomError('internal', `The grammar ${file} is not loaded.`);
    if (this.#nodes.capacity > KEPT_NODES) this.#nodes = new SyntaxNodes();
    let fallback = grammar.distrust;
    if (fallback === '') {
      try {
        return this.#readMemory(grammar, bytes, allowanceOf({ work, timeoutMs }));
      } catch (error) {
        if (this.broken) {
          for (const each of this.#grammars.values()) abandoned.push(each.parser);
          throw error;
        }
        fallback = messageOf(error);
      }
    }
    return this.#readCursor(grammar, bytes, allowanceOf({ work, timeoutMs }), fallback);
  }

  #readMemory(grammar: LoadedGrammar, bytes: Uint8Array, allowance: Allowance): Reading {
    const core = this.#core;
    const nodes = this.#nodes;
    const tree = core.parse(grammar.parser, bytes, allowance);
    if (tree === 0) return exhausted(allowance);
    try {
      walkMemory(core.exports, tree, Math.max(bytes.length, 2), grammar.tables, nodes);
    } finally {
      core.free(tree);
    }
    if (bytes.length < 2) clampEnds(nodes, bytes.length);
    return { outcome: 'read', grammar: grammar.names, nodes, fallback: '' };
  }

  #readCursor(grammar: LoadedGrammar, bytes: Uint8Array, allowance: Allowance, fallback: string): Reading {
    // Bytes that are not UTF-8 have no place in a decoded string: there each byte is taken for a character.
    const valid = isUtf8(bytes);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(valid ? 'utf8' : 'latin1');
    const tree = grammar.parser.parse(text, null, { progressCallback: allowance.spend });
    if (tree === null) {
      grammar.parser.reset();
      return exhausted(allowance);
    }
    try {
      walkCursor(tree, grammar.names, this.#nodes, !valid || text.length === bytes.length ? null : byteOffsets(text));
    } finally {
      tree.delete();
    }
    return { outcome: 'read', grammar: grammar.names, nodes: this.#nodes, fallback };
  }
}

function exhausted(allowance: Allowance): Reading {
  return { outcome: 'exhausted', limit: allowance.exhausted() ?? 'time' };
}

/** Files too short to be parsed as they are were padded with newlines. */
function clampEnds(nodes: SyntaxNodes, length: number): void {
  for (let i = 0; i < nodes.count; i++) {
    if ((nodes.start[i] ?? 0) > length) {
      nodes.start[i] = length;
      nodes.row[i] = 0;
      nodes.column[i] = length;
    }
    if ((nodes.end[i] ?? 0) > length) nodes.end[i] = length;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
