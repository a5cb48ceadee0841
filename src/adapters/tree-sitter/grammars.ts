import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodeloomError } from '../../domain/errors.js';
import { corePath } from './wasm-core.js';

/** A WebAssembly file, compiled. Modules cross threads without being compiled again. */
export interface CompiledFile {
  readonly module: WebAssembly.Module;
  readonly sha256: string;
}

/** SHA-256 of the files with which the readers were compared at length; with any other the self-test decides (see {@link SyntaxReader}). */
const KNOWN: ReadonlySet<string> = new Set([
  'beca80e44cccbf2299ed4d1e3fa6462a9a6fe818aeebf847547a392227ce4acc', // web-tree-sitter 0.27.1
  '778025db5a8be0e70f8ccc3671e486dfeddd048c25d9e8a70c26de2e1bf6f97d', // tree-sitter-typescript 0.23.2, typescript
  '79e5da75ea62855a0cd67177685f0164eac87d5f630b3cbe1e0a099751ad30f8', // tree-sitter-typescript 0.23.2, tsx
  '5fb488d0cabb4775a594bab85682de5ad6ce83c0d6ac997a9f82dd084d571240', // tree-sitter-javascript 0.25.0
  '16108b50df4ee9a30168794252ab55e7c93bfc5765d7fa0aa3e335752c515f47', // tree-sitter-python 0.25.0
]);

export function isKnown(file: { readonly sha256: string }): boolean {
  return KNOWN.has(file.sha256);
}

const digests = new Map<string, string>();
const compiled = new Map<string, CompiledFile>();

/** SHA-256 of a grammar of the package. Throws `parser-failed` when the file is missing. */
export function grammarDigest(file: string): string {
  return digestOf(grammarPath(file));
}

export function coreDigest(): string {
  return digestOf(corePath());
}

/** A grammar of the package's `grammars` folder, read and compiled when first asked for. Throws `parser-failed` when it is missing or damaged. */
export function compiledGrammar(file: string): CompiledFile {
  return compile(grammarPath(file));
}

/** web-tree-sitter's core, compiled when first asked for. */
export function compiledCore(): CompiledFile {
  return compile(corePath());
}

/** The nearest `grammars` folder above this file that holds it: the package's, from its sources and built alike. */
function grammarPath(file: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)), above = dirname(folder); above !== folder; folder = above, above = dirname(folder)) {
    const path = join(folder, 'grammars', file);
    if (existsSync(path)) return path;
  }
  throw new CodeloomError('parser-failed', `The grammar ${file} is missing from the package; install codeloom again.`, { retryable: false });
}

function digestOf(path: string): string {
  let digest = digests.get(path);
  if (digest === undefined) digests.set(path, (digest = sha256(readWasm(path))));
  return digest;
}

function compile(path: string): CompiledFile {
  let file = compiled.get(path);
  if (file !== undefined) return file;
  const bytes = readWasm(path);
  try {
    file = { module: new WebAssembly.Module(bytes), sha256: sha256(bytes) };
  } catch (error) {
    throw new CodeloomError('parser-failed', `${path} is damaged; install codeloom again.`, { cause: error, retryable: false });
  }
  digests.set(path, file.sha256);
  compiled.set(path, file);
  return file;
}

function readWasm(path: string): Buffer<ArrayBuffer> {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CodeloomError('parser-failed', `${path} cannot be read.`, { cause: error, retryable: false });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
