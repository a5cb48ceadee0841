import type { ClassIndex } from '../file-facts.js';
import type { SymbolId } from '../graph-node.js';
import type { ClassProvider, Lookups } from './lookups.js';
import type { Question, QuestionKind, Tracer } from './tracer.js';
import type { FileIndex } from './value.js';

/** Asks what is looked up over the whole snapshot, and has every question and its answer written down. */
export class Inquiry {
  readonly #lookups: Lookups;
  readonly #tracer: Tracer;

  constructor(lookups: Lookups, tracer: Tracer) {
    this.#lookups = lookups;
    this.#tracer = tracer;
  }

  shared(name: string): readonly FileIndex[] {
    const files = this.#lookups.shared(name);
    this.#note('shared', [name], this.#lookups.pathsText(files));
    return files;
  }

  /** Of the modules whose exports a file exports as a whole, those that may give a name. */
  givers(file: { readonly index: FileIndex; readonly path: string }, name: string): ReadonlySet<string> {
    const givers = this.#lookups.givers(file.index, name);
    this.#note('givers', [file.path, name], givers.join('\n'));
    return new Set(givers);
  }

  known(name: string): boolean {
    return this.#note('known', [name], String(this.#lookups.known(name))) === 'true';
  }

  /** Whether anything that may be called has this name in what a file can reach by its imports. */
  mentioned(from: { readonly index: FileIndex; readonly path: string }, name: string): boolean {
    return this.#note('mentioned', [from.path, name], String(this.#lookups.mentioned(from.index, name))) === 'true';
  }

  candidates(from: { readonly index: FileIndex; readonly path: string }, name: string, count: number): readonly SymbolId[] {
    return this.#ids('candidates', [from.path, name, String(count)], this.#lookups.candidates(from.index, name, count));
  }

  overriders(member: SymbolId): readonly SymbolId[] {
    return this.#ids('overriders', [member], this.#lookups.overriders(member));
  }

  nextInLines(path: string, index: ClassIndex, name: string): readonly SymbolId[] {
    return this.#ids('lines', [path, String(index), name], this.#lookups.nextInLines(path, index, name));
  }

  classProviders(name: string): readonly ClassProvider[] {
    const providers = this.#lookups.classProviders(name);
    this.#note('providers', [name], this.#lookups.providersText(providers));
    return providers;
  }

  /** Files that make something known under a key. */
  registrars(key: string): readonly FileIndex[] {
    const files = this.#lookups.registrars(key);
    this.#note('registrars', [key], this.#lookups.pathsText(files));
    return files;
  }

  plugins(): readonly FileIndex[] {
    const files = this.#lookups.plugins();
    this.#note('plugins', [], this.#lookups.pathsText(files));
    return files;
  }

  #ids(kind: QuestionKind, about: Question['about'], ids: readonly SymbolId[]): readonly SymbolId[] {
    this.#note(kind, about, ids.join('\n'));
    return ids;
  }

  #note(kind: QuestionKind, about: Question['about'], answer: string): string {
    this.#tracer.ask(kind, about, answer);
    return answer;
  }
}
