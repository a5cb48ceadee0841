import { encodeFacts } from '../../domain/facts-codec.js';
import {
  FACTS_FORMAT, type Binding, type CallSite, type ClassFacts, type Definition, type ExportFacts, type Expr, type FactDiagnostic, type FileFacts, type FunctionFacts,
  type ImportedBinding, type ImportFacts, type Position, type Scope,
} from '../../domain/file-facts.js';
import { throwIfAborted } from '../../domain/errors.js';
import type { Parser, ParserInput, ParserOutput } from '../../domain/ports/parser.js';

const LANGUAGE = 'toy';

/**
 * A Parser for tests of what comes behind it: files ending in `.toy`, a statement a line, nested by two spaces.
 *
 *     import ./store              # binds `store` to the module
 *     import save, load from ./io # binds names of it
 *     class Shop extends Base     # `extends` is optional
 *       def open                  # a method
 *         call save               # also `call store.save`, `new Shop`
 *     def main                    # a function; what stands at the left margin is exported unless its name begins with `_`
 *       new Shop
 *
 * `#` begins a comment. Another line is a `syntax-error`; a NUL makes the file `binary`.
 */
export function createMemoryParser(): Parser {
  return {
    version: `toy-${FACTS_FORMAT}.1`,
    languages: [LANGUAGE],
    languageOf: (path, firstLine) => (/[^/]\.toy$/i.test(path) || firstLine?.startsWith('#!toy') === true ? LANGUAGE : undefined),
    async *extract(sources: AsyncIterable<ParserInput> | Iterable<ParserInput>, options): AsyncIterable<ParserOutput> {
      throwIfAborted(options?.signal);
      for await (const { key, language, bytes } of sources) {
        throwIfAborted(options?.signal);
        const facts = language === LANGUAGE ? extractToy(bytes) : noFacts(language, bytes, { code: 'parser-failed', message: `This parser does not read ${language}.` });
        yield { key, facts: encodeFacts(facts), diagnostics: facts.diagnostics };
      }
      throwIfAborted(options?.signal);
    },
    close: async () => undefined,
  };
}

/** The facts of one toy file. */
export function extractToy(bytes: Uint8Array): FileFacts {
  if (bytes.includes(0)) return noFacts(LANGUAGE, bytes, { code: 'binary', message: 'The file is binary.' });
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const file = new ToyFile(bytes, text);
  if (text.includes('\ufffd')) file.diagnostics.push({ code: 'encoding', message: 'The file is not valid UTF-8.' });
  let offset = 0;
  text.split('\n').forEach((line, index) => {
    file.statement(line, index + 1, offset);
    offset += byteLength(line) + 1;
  });
  return file.facts();
}

type Open<T> = { -readonly [K in keyof T]: T[K] };
interface Block {
  readonly indent: number;
  readonly scope: number;
  readonly definition: number;
  readonly class: number;
}

class ToyFile {
  readonly diagnostics: FactDiagnostic[] = [];
  readonly #bytes: Uint8Array;
  readonly #text: string;
  readonly #scopes: (Omit<Scope, 'bindings'> & { readonly bindings: Open<Binding>[] })[] = [{ kind: 'module', parent: -1, owner: -1, bindings: [] }];
  readonly #definitions: Open<Definition>[] = [];
  readonly #functions: FunctionFacts[] = [];
  readonly #classes: (Omit<ClassFacts, 'members'> & { readonly members: Open<ClassFacts['members'][number]>[] })[] = [];
  readonly #imports: ImportFacts[] = [];
  readonly #exports: ExportFacts[] = [];
  readonly #exprs: Expr[] = [{ k: 'unknown' }];
  readonly #sites: CallSite[] = [];
  readonly #blocks: Block[] = [{ indent: -1, scope: 0, definition: -1, class: -1 }];

  constructor(bytes: Uint8Array, text: string) {
    this.#bytes = bytes;
    this.#text = text;
  }

  statement(line: string, number: number, offset: number): void {
    const code = line.replace(/#.*$/, '').trimEnd();
    const words = code.trimStart();
    if (words === '') return;
    const indent = code.length - words.length;
    while (this.#blocks.length > 1 && indent <= this.#top().indent) this.#blocks.pop();
    const position = (column: number): Position => ({ line: number, column: column + 1, offset: offset + byteLength(line.slice(0, column)) });
    const declared = /^(?:def|class)\s+(\w+)(?:\s+extends\s+(\w+))?$/.exec(words);
    const called = /^(call|new)\s+(?:(\w+)\.)?(\w+)$/.exec(words);
    const imported = /^import\s+(?:(.+?)\s+from\s+)?(\S+)$/.exec(words);
    if (declared !== null) {
      const at = position(indent + words.search(/\s\w/) + 1);
      this.#extend(position(code.length));
      this.#declare(words.startsWith('class'), declared[1] ?? '', declared[2], indent, { start: position(indent), end: position(code.length) }, at);
    } else if (called !== null) {
      this.#extend(position(code.length));
      this.#call(called[1] === 'new', called[2], called[3] ?? '', position(code.length - (called[3] ?? '').length));
    } else if (imported !== null) {
      this.#import(imported[1], imported[2] ?? '', position(indent));
    } else {
      this.diagnostics.push({ code: 'syntax-error', message: 'This does not parse.', line: number });
    }
  }

  facts(): FileFacts {
    const lines = this.#text === '' ? 0 : this.#text.split('\n').length - (this.#text.endsWith('\n') ? 1 : 0);
    return {
      format: FACTS_FORMAT, language: LANGUAGE, lines, bytes: this.#bytes.length, moduleKind: 'module',
      scopes: this.#scopes, definitions: this.#definitions, functions: this.#functions, classes: this.#classes, imports: this.#imports, exports: this.#exports,
      exprs: this.#exprs, types: [{ k: 'opaque' }], sites: this.#sites, assignments: [], references: [], typeReferences: [], diagnostics: this.diagnostics,
    };
  }

  #top(): Block {
    return this.#blocks[this.#blocks.length - 1] ?? { indent: -1, scope: 0, definition: -1, class: -1 };
  }

  /** A statement belongs to every definition around it. */
  #extend(end: Position): void {
    for (const { definition } of this.#blocks) {
      const around = this.#definitions[definition];
      if (around !== undefined) around.range = { start: around.range.start, end };
    }
  }

  #declare(isClass: boolean, name: string, base: string | undefined, indent: number, range: Definition['range'], at: Position): void {
    const around = this.#top();
    const definition = this.#definitions.length;
    const scope = this.#scopes.length;
    const member = around.class >= 0 && !isClass;
    const exported = around.definition < 0 && !name.startsWith('_');
    const open: Open<Definition> = { kind: isClass ? 'class' : member ? 'method' : 'function', name, parent: around.definition, scope: around.scope, range, at };
    if (exported) open.exported = true;
    this.#definitions.push(open);
    this.#scopes.push({ kind: isClass ? 'class' : 'function', parent: around.scope, owner: definition, bindings: [] });
    if (!member) this.#bind(around.scope, name, at).definitions = [...(this.#bind(around.scope, name, at).definitions ?? []), definition];
    if (exported) this.#exports.push({ kind: 'local', name, local: name, line: at.line });
    if (isClass) {
      open.class = this.#classes.length;
      const heritage = base === undefined ? [] : [{ expr: this.#name(around.scope, base), line: at.line, column: at.column + name.length + ' extends '.length }];
      this.#classes.push({ kind: 'class', definition, scope, extends: heritage, implements: [], members: [] });
    } else {
      open.function = this.#functions.length;
      this.#functions.push({ definition, scope, parameters: [], returns: [], ...(member ? { member: { class: around.class, static: false } } : {}) });
      if (member) this.#classes[around.class]?.members.push({ name, kind: 'method', definitions: [definition], functions: [open.function] });
    }
    this.#blocks.push({ indent, scope, definition, class: open.class ?? -1 });
  }

  #call(construct: boolean, object: string | undefined, name: string, at: Position): void {
    const { scope, definition } = this.#top();
    let callee = this.#name(scope, object ?? name);
    if (object !== undefined) callee = this.#exprs.push({ k: 'member', object: callee, name }) - 1;
    const expr = this.#exprs.push({ k: construct ? 'new' : 'call', callee, arguments: [], site: this.#sites.length }) - 1;
    this.#sites.push({ via: construct ? 'new' : 'call', expr, owner: definition, name, at });
  }

  #import(names: string | undefined, specifier: string, at: Position): void {
    const { scope, definition } = this.#top();
    const base = specifier.replace(/\/$/, '').split('/').pop() ?? specifier;
    const taken = names === undefined ? [{ imported: '*', local: base.replace(/\.toy$/, '') }] : names.split(',').map((name) => ({ imported: name.trim(), local: name.trim() }));
    const index = this.#imports.push({ specifier, kind: 'import', names: taken, scope, owner: definition, line: at.line, column: at.column }) - 1;
    for (const { imported, local } of taken) {
      const binding = this.#bind(scope, local, at, 'import');
      const source: ImportedBinding = { import: index, imported };
      binding.imports = [...(binding.imports ?? []), source];
    }
  }

  #bind(scope: number, name: string, at: Position, kind: Binding['kind'] = 'definition'): Open<Binding> {
    const bindings = this.#scopes[scope]?.bindings ?? [];
    let binding = bindings.find((each) => each.name === name);
    if (binding === undefined) bindings.push((binding = { name, kind, line: at.line, column: at.column }));
    return binding;
  }

  #name(scope: number, name: string): number {
    const known = this.#exprs.findIndex((expr) => expr.k === 'name' && expr.scope === scope && expr.name === name);
    return known >= 0 ? known : this.#exprs.push({ k: 'name', name, scope }) - 1;
  }
}

function noFacts(language: string, bytes: Uint8Array, diagnostic: FactDiagnostic): FileFacts {
  const empty = new ToyFile(bytes, '').facts();
  const lines = bytes.reduce((count, byte) => count + (byte === 10 ? 1 : 0), bytes.length > 0 && bytes[bytes.length - 1] !== 10 ? 1 : 0);
  return { ...empty, language, lines, diagnostics: [diagnostic] };
}

function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
