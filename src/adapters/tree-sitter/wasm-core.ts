import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Language, Parser, Tree } from 'web-tree-sitter';
import { CodeloomError } from '../../domain/errors.js';
import type { Allowance } from './allowance.js';

type Library = typeof import('web-tree-sitter');

/** The parts of the Emscripten module behind web-tree-sitter that are used here. Its heap views are replaced when memory grows. */
interface CoreExports {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU16: Uint16Array;
  readonly HEAPU32: Uint32Array;
  currentLogCallback: null;
  currentProgressCallback: (() => boolean) | null;
  _malloc(bytes: number): number;
  _free(address: number): void;
  _ts_parser_parse_wasm(parser: number, payload: number, oldTree: number, ranges: number, rangeCount: number): number;
  _ts_parser_reset(parser: number): void;
  _ts_tree_delete(tree: number): void;
}

/** Parsers, languages and trees of web-tree-sitter keep their WebAssembly address at index 0, which its types leave out. */
export function addressOf(handle: Parser | Language | Tree): number {
  return (handle as unknown as { readonly 0: number })[0];
}

// (func (export "r") (param $payload i32) (param $byte i32) (param $point i32) (param $out i32) (result i32)
//   *out = length > byte ? length - byte : 0; return address + byte), with payload = {u32 address, u32 length} in the imported memory "e" "m".
const READER = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 9, 1, 96, 4, 127, 127, 127, 127, 1, 127, 2, 8, 1, 1, 101, 1, 109, 2, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 114, 0, 0,
  10, 36, 1, 34, 0, 32, 3, 32, 0, 40, 2, 4, 32, 1, 107, 65, 0, 32, 0, 40, 2, 4, 32, 1, 75, 27, 54, 2, 0, 32, 0, 40, 2, 0, 32, 1, 106, 11,
);
/** The core's input buffer holds 10 KiB less a terminator, and it clamps what the first chunk says to that. */
const FIRST_CHUNK = 10_238;
const UTF16LE = 1;
const UTF8 = 0;
/** The parser's TSInput lies within its first 256 bytes (at byte 76 in web-tree-sitter 0.27.1). */
const INPUT_SEARCH_WORDS = 64;
const KEPT_BUFFER = 1 << 20;

/** Where web-tree-sitter's WebAssembly core lies. */
export function corePath(): string {
  return createRequire(import.meta.url).resolve('web-tree-sitter/web-tree-sitter.wasm');
}

/**
 * web-tree-sitter's core with a way in for UTF-8 bytes, which its JavaScript interface (UTF-16 strings only) lacks: the parser's input structure is switched, at
 * its first callback, to a reader in WebAssembly over bytes that lie in its memory already.
 */
export class WasmCore {
  readonly library: Library;
  readonly exports: CoreExports;
  /** Set when WebAssembly trapped: its memory cannot be trusted any more. */
  broken = false;
  readonly #memory: WebAssembly.Memory;
  readonly #reader: number;
  readonly #payload: number;
  readonly #call = { active: false, failed: false, parser: 0, length: 0, calls: 0 };
  #source = 0;
  #capacity = 0;

  private constructor(library: Library, exports: CoreExports, memory: WebAssembly.Memory, table: WebAssembly.Table, hooks: CallbackHook) {
    this.library = library;
    this.exports = exports;
    this.#memory = memory;
    const reader = new WebAssembly.Instance(new WebAssembly.Module(READER), { e: { m: memory } });
    this.#reader = table.grow(1);
    table.set(this.#reader, reader.exports['r']);
    this.#payload = exports._malloc(8);
    hooks.firstChunk = (lengthAddress) => {
      if (!this.#call.active) return false;
      this.#firstChunk(lengthAddress);
      return true;
    };
  }

  /** A core of its own, from the compiled module. Throws `parser-failed` when it cannot be started. */
  static async start(module: WebAssembly.Module): Promise<WasmCore> {
    // web-tree-sitter keeps one core for its module for ever. Where that one is taken (by another user of it in this thread, or by a core that trapped), a
    // second copy of the library is loaded.
    for (;;) {
      const library = await loadLibrary(copies++);
      const core = await WasmCore.#startIn(library, module);
      if (core !== undefined) return core;
    }
  }

  static async #startIn(library: Library, module: WebAssembly.Module): Promise<WasmCore | undefined> {
    const hooks: CallbackHook = { firstChunk: () => false };
    let memory: WebAssembly.Memory | undefined;
    let table: WebAssembly.Table | undefined;
    const options = {
      instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void): WebAssembly.Exports {
        const env = imports['env'] ?? {};
        memory = env['memory'] as WebAssembly.Memory; // what Emscripten's side modules import under these names
        table = env['__indirect_function_table'] as WebAssembly.Table;
        const official = env['tree_sitter_parse_callback'] as ParseCallback;
        const callback: ParseCallback = (buffer, index, row, column, length) => {
          if (!hooks.firstChunk(length)) official(buffer, index, row, column, length);
        };
        const instance = new WebAssembly.Instance(module, { ...imports, env: { ...env, tree_sitter_parse_callback: callback } });
        done(instance, module);
        return instance.exports;
      },
    };
    try {
      await library.Parser.init(options);
    } catch (error) {
      throw new CodeloomError('parser-failed', 'The parser core cannot be started.', { cause: error, retryable: false });
    }
    if (memory === undefined || table === undefined) return undefined;
    // Emscripten turns the options object itself into its module.
    return new WasmCore(library, options as unknown as CoreExports, memory, table, hooks);
  }

  /** Size of the WebAssembly memory, which never shrinks. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * Parses UTF-8 bytes and gives the tree's address (free it with {@link free}), or 0 when the allowance was exhausted. Throws when the core is not as
   * expected or traps.
   */
  parse(parser: Parser, bytes: Uint8Array, allowance?: Allowance): number {
    const { exports } = this;
    const call = this.#call;
    let length = bytes.length;
    try {
      this.#reserve(length + 2);
      exports.HEAPU8.set(bytes, this.#source);
      while (length < 2) exports.HEAPU8[this.#source + length++] = 10; // half a unit would be none, and none is the end of input
      exports.HEAPU32[this.#payload >> 2] = this.#source;
      exports.HEAPU32[(this.#payload >> 2) + 1] = length;
      exports.currentLogCallback = null;
      exports.currentProgressCallback = allowance?.spend ?? null;
      call.active = true;
      call.failed = false;
      call.parser = addressOf(parser);
      call.length = length;
      call.calls = 0;
      const tree = exports._ts_parser_parse_wasm(call.parser, this.#source, 0, 0, 0);
      if (tree === 0) exports._ts_parser_reset(call.parser); // else the next parse resumes this one
      if (call.failed) {
        if (tree !== 0) exports._ts_tree_delete(tree);
        throw new CodeloomError('parser-failed', 'The parser core does not take UTF-8.', { retryable: false });
      }
      return tree;
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) this.broken = true;
      throw error;
    } finally {
      call.active = false;
      exports.currentProgressCallback = null;
      if (!this.broken && this.#capacity > KEPT_BUFFER) this.#release();
    }
  }

  free(tree: number): void {
    this.exports._ts_tree_delete(tree);
  }

  #reserve(bytes: number): void {
    if (this.#capacity >= bytes) return;
    this.#release();
    const capacity = Math.max(bytes, 1 << 16);
    this.#source = this.exports._malloc(capacity);
    if (this.#source === 0) throw new CodeloomError('parser-failed', `The parser core has no memory for ${bytes} bytes.`);
    this.#capacity = capacity;
  }

  #release(): void {
    if (this.#source !== 0) this.exports._free(this.#source);
    this.#source = 0;
    this.#capacity = 0;
  }

  /** The only callback of a parse: finds the parser's TSInput {payload, read, encoding, decode} by value and switches it. */
  #firstChunk(lengthAddress: number): void {
    const words = this.exports.HEAPU32;
    const call = this.#call;
    const from = call.parser >> 2;
    call.calls++;
    for (let i = from; call.calls === 1 && i < from + INPUT_SEARCH_WORDS; i++) {
      if (words[i] !== this.#source || words[i + 2] !== UTF16LE) continue;
      words[i] = this.#payload;
      words[i + 1] = this.#reader;
      words[i + 2] = UTF8;
      words[lengthAddress >> 2] = Math.min(call.length, FIRST_CHUNK) >> 1; // units: the core doubles it
      return;
    }
    call.failed = true;
    words[lengthAddress >> 2] = 0;
  }
}

type ParseCallback = (buffer: number, index: number, row: number, column: number, length: number) => void;
interface CallbackHook {
  /** Answers a parse callback of the UTF-8 way in; false when the parse is an ordinary one. */
  firstChunk(lengthAddress: number): boolean;
}

let copies = 0;

async function loadLibrary(copy: number): Promise<Library> {
  if (copy === 0) return import('web-tree-sitter');
  const file = join(dirname(corePath()), 'web-tree-sitter.js');
  return (await import(/* @vite-ignore */ `${pathToFileURL(file).href}?codeloom=${copy}`)) as Library;
}
