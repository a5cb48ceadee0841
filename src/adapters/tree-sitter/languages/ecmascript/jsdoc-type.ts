import type { ClassFacts, FunctionFacts, Parameter, TypeIndex } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { addTypeImport } from './import-facts.js';
import { MemberTable } from './members.js';
import type { Walk } from './walk.js';

/** The text between the braces of a JSDoc tag, and the byte at which it starts. */
export interface DocTypeText {
  readonly text: string;
  readonly offset: number;
  /** The comment it stands in. */
  readonly comment: number;
}

const TOKEN = /\s*(?:(\.\.\.|=>|\.<|[|&?!=*()[\]{}<>,:;.])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?\d[\w.]*)|((?:[\w$#]|[^\x00-\x7f])+(?:-[\w$]+)*))/y;
const DEEPEST = 60;
/** What JSDoc writes for the primitives. */
const PRIMITIVES = new Map([
  ['String', 'string'], ['Number', 'number'], ['Boolean', 'boolean'], ['Symbol', 'symbol'], ['BigInt', 'bigint'], ['bool', 'boolean'], ['integer', 'number'], ['Object', 'object'],
]);
const KEYWORDS = new Set(['string', 'number', 'boolean', 'symbol', 'bigint', 'object', 'void', 'never', 'unknown', 'any']);

interface Token { readonly kind: 'mark' | 'string' | 'number' | 'name'; readonly text: string; readonly at: number }

/**
 * Reads a JSDoc type: names, dotted and generic (`Array.<Foo>` too), unions, `?T`, `!T`, `T=`, `...T`, `T[]`, tuples, `{a: T}`, `function(A): B`, `(a: A) => B`,
 * `import('m').T`, `typeof x`, literals. What it does not know is opaque.
 */
export function readDocType(walk: Walk, source: DocTypeText): TypeIndex {
  return new DocTypeReader(walk, source).read();
}

class DocTypeReader {
  readonly #walk: Walk;
  readonly #source: DocTypeText;
  readonly #tokens: Token[] = [];
  #at = 0;
  #depth = 0;

  constructor(walk: Walk, source: DocTypeText) {
    this.#walk = walk;
    this.#source = source;
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(source.text); match !== null; match = TOKEN.exec(source.text)) {
      const [whole, mark, double, single, number, name] = match;
      const text = mark ?? double ?? single ?? number ?? name ?? '';
      const at = match.index + whole.length - text.length;
      this.#tokens.push({ kind: mark !== undefined ? 'mark' : number !== undefined ? 'number' : name !== undefined ? 'name' : 'string', text, at });
    }
  }

  read(): TypeIndex {
    const type = this.#union();
    return this.#at < this.#tokens.length ? 0 : type;
  }

  #mark(text: string, ahead = 0): boolean {
    const token = this.#tokens[this.#at + ahead];
    return token !== undefined && token.kind === 'mark' && token.text === text;
  }

  #take(text: string): boolean {
    if (!this.#mark(text)) return false;
    this.#at++;
    return true;
  }

  #union(): TypeIndex {
    if (this.#depth >= DEEPEST) {
      this.#at = this.#tokens.length;
      return 0;
    }
    this.#depth++;
    this.#take('|');
    const of = [this.#postfix()];
    let join: 'union' | 'intersection' = 'union';
    while (this.#mark('|') || this.#mark('&')) {
      join = this.#mark('&') ? 'intersection' : 'union';
      this.#at++;
      of.push(this.#postfix());
    }
    this.#depth--;
    return of.length === 1 ? (of[0] ?? 0) : this.#walk.build.type({ k: join, of });
  }

  #postfix(): TypeIndex {
    const { build } = this.#walk;
    if (this.#take('...')) return build.type({ k: 'array', element: this.#postfix() });
    let type: TypeIndex;
    if (this.#mark('?') && this.#startsType(1)) {
      this.#at++;
      type = build.type({ k: 'union', of: [this.#postfix(), build.type({ k: 'literal', type: 'null', value: 'null' })] });
    } else if (this.#mark('!') && this.#startsType(1)) {
      this.#at++;
      type = this.#postfix();
    } else type = this.#primary();
    for (;;) {
      if (this.#mark('[') && this.#mark(']', 1)) {
        this.#at += 2;
        type = build.type({ k: 'array', element: type });
      } else if (this.#mark('[') && this.#tokens[this.#at + 1]?.kind === 'string' && this.#mark(']', 2)) {
        type = build.type({ k: 'index', object: type, key: this.#tokens[this.#at + 1]?.text ?? '' });
        this.#at += 3;
      } else if (this.#mark('=') || this.#mark('!') || (this.#mark('?') && !this.#startsType(1))) this.#at++;
      else return type;
    }
  }

  #startsType(ahead: number): boolean {
    const token = this.#tokens[this.#at + ahead];
    return token !== undefined && (token.kind !== 'mark' || token.text === '(' || token.text === '{' || token.text === '[' || token.text === '*');
  }

  #primary(): TypeIndex {
    const { build } = this.#walk;
    const token = this.#tokens[this.#at];
    if (token === undefined) return 0;
    if (token.kind === 'string' || token.kind === 'number') {
      this.#at++;
      return build.type({ k: 'literal', type: token.kind, value: build.intern(token.text) });
    }
    if (token.kind === 'name') return this.#named(token);
    if (this.#mark('(')) return this.#isArrow() ? this.#arrow(false) : this.#group();
    if (this.#mark('{')) return this.#object();
    if (this.#take('[')) {
      const elements: TypeIndex[] = [];
      while (this.#at < this.#tokens.length && !this.#take(']')) {
        if (this.#tokens[this.#at]?.kind === 'name' && this.#mark(':', 1)) this.#at += 2;
        elements.push(this.#union());
        if (!this.#take(',') && !this.#mark(']')) break;
      }
      return build.type({ k: 'tuple', elements });
    }
    // `*`, a lone `?`, or damage.
    if (this.#mark('*') || this.#mark('?')) this.#at++;
    else this.#at = this.#tokens.length + 1;
    return 0;
  }

  #group(): TypeIndex {
    this.#at++;
    const type = this.#union();
    this.#take(')');
    return type;
  }

  /** Whether the parenthesis that opens here belongs to `(…) => …`. */
  #isArrow(): boolean {
    let open = 0;
    for (let at = this.#at; at < this.#tokens.length; at++) {
      const token = this.#tokens[at];
      if (token?.kind !== 'mark') continue;
      if (token.text === '(') open++;
      else if (token.text === ')' && --open === 0) return this.#tokens[at + 1]?.text === '=>';
    }
    return false;
  }

  #named(token: Token): TypeIndex {
    const { build } = this.#walk;
    const walk = this.#walk;
    this.#at++;
    const { text } = token;
    if (text === 'function' && this.#mark('(')) return this.#closureFunction();
    if (text === 'import' && this.#mark('(')) return this.#imported();
    if (text === 'new' && this.#mark('(') && this.#isArrow()) return this.#arrow(true);
    if (text === 'typeof') {
      const path = this.#path(this.#tokens[this.#at++]?.text ?? '');
      let expr = build.expr({ k: 'name', name: build.intern(path[0] ?? ''), scope: walk.at.scope });
      for (const name of path.slice(1)) expr = walk.member(expr, build.intern(name));
      return build.type({ k: 'typeof', expr });
    }
    if (text === 'keyof' || text === 'readonly' || text === 'unique') {
      const type = this.#postfix();
      return text === 'readonly' ? type : 0;
    }
    if (this.#tokens[this.#at]?.text === 'is' && this.#tokens[this.#at]?.kind === 'name') {
      this.#at++;
      return build.type({ k: 'predicate', parameter: build.intern(text), type: this.#union() });
    }
    if (text === 'asserts' && this.#tokens[this.#at]?.kind === 'name') return this.#primary();
    if (text === 'null' || text === 'undefined') return build.type({ k: 'literal', type: text, value: text });
    if (text === 'true' || text === 'false') return build.type({ k: 'literal', type: 'boolean', value: text });
    if (text === 'this') return build.type({ k: 'this' });
    return this.#reference(token);
  }

  #reference(token: Token): TypeIndex {
    const { build } = this.#walk;
    const path = this.#path(token.text);
    const given = this.#generics();
    const only = path.length === 1 ? path[0] : undefined;
    if (only === 'Object' && given !== undefined && given.length === 2) return this.#dictionary(given[1]);
    if (only === 'Array' && given?.length === 1) return build.type({ k: 'array', element: given[0] ?? 0 });
    if (only !== undefined && given === undefined) {
      const primitive = KEYWORDS.has(only) ? only : PRIMITIVES.get(only);
      if (primitive !== undefined) return this.#walk.predefined(primitive);
    }
    const type = build.type({ k: 'ref', path: path.map((name) => build.intern(name)), scope: this.#walk.at.scope, ...(given === undefined ? {} : { arguments: given }) });
    if (build.lookup(this.#walk.at.scope, path[0] ?? '')?.binding.kind !== 'type-parameter') {
      build.typeReferences.push({ type, owner: this.#walk.at.owner, at: positionIn(this.#walk, this.#source, token.at) });
    }
    return type;
  }

  #path(first: string): string[] {
    const path = [first];
    while ((this.#mark('.') || this.#mark('#')) && this.#tokens[this.#at + 1]?.kind === 'name') {
      path.push(this.#tokens[this.#at + 1]?.text ?? '');
      this.#at += 2;
    }
    return path;
  }

  #generics(): TypeIndex[] | undefined {
    if (!this.#take('<') && !this.#take('.<')) return undefined;
    const given: TypeIndex[] = [];
    while (this.#at < this.#tokens.length && !this.#take('>')) {
      given.push(this.#union());
      if (!this.#take(',') && !this.#mark('>')) break;
    }
    return given;
  }

  #dictionary(value: TypeIndex | undefined): TypeIndex {
    const facts = this.#literalClass();
    facts.table.add({ name: '', kind: 'index', static: false, type: value });
    return this.#walk.build.type({ k: 'object', class: facts.table.class });
  }

  #literalClass(): { readonly table: MemberTable } {
    const { build, at } = this.#walk;
    const facts: Draft<ClassFacts> = { kind: 'type-literal', definition: -1, scope: build.scope('class', at.scope, at.owner), extends: [], implements: [], members: [] };
    const table = new MemberTable(build.class(facts));
    facts.members = table.list;
    return { table };
  }

  #object(): TypeIndex {
    this.#at++;
    const { table } = this.#literalClass();
    while (this.#at < this.#tokens.length && !this.#take('}')) {
      const key = this.#tokens[this.#at];
      if (key === undefined) break;
      if (this.#take('[')) {
        while (this.#at < this.#tokens.length && !this.#take(']')) this.#at++;
        if (this.#take(':')) table.add({ name: '', kind: 'index', static: false, type: this.#union() });
      } else if (key.kind !== 'mark') {
        this.#at++;
        const optional = this.#take('?');
        const type = this.#take(':') ? this.#union() : undefined;
        table.add({ name: this.#walk.build.intern(key.text), kind: 'field', static: false, optional, type });
      } else {
        this.#at++;
        continue;
      }
      if (!this.#take(',')) this.#take(';');
    }
    return this.#walk.build.type({ k: 'object', class: table.class });
  }

  /** `function(this: A, B, ...C): D` and `function(new: A)`. */
  #closureFunction(): TypeIndex {
    this.#at++;
    const { build } = this.#walk;
    const facts = newFunction(this.#walk);
    const parameters: Parameter[] = [];
    let constructs = false;
    while (this.#at < this.#tokens.length && !this.#take(')')) {
      const word = this.#mark(':', 1) ? this.#tokens[this.#at]?.text : undefined;
      if (word !== undefined) this.#at += 2;
      const rest = this.#mark('...');
      const type = this.#union();
      if (word === 'this') facts.thisType = type;
      else if (word === 'new') {
        constructs = true;
        facts.returnType = type;
      } else parameters.push(rest ? { type, form: 'rest' } : { type });
      if (!this.#take(',') && !this.#mark(')')) break;
    }
    if (this.#take(':')) facts.returnType = this.#postfix();
    facts.parameters = parameters;
    const index = build.function(facts);
    return build.type(constructs ? { k: 'function', function: index, constructs: true } : { k: 'function', function: index });
  }

  #arrow(constructs: boolean): TypeIndex {
    this.#at++;
    const { build } = this.#walk;
    const facts = newFunction(this.#walk);
    const parameters: Parameter[] = [];
    while (this.#at < this.#tokens.length && !this.#take(')')) {
      const rest = this.#take('...');
      const name = this.#tokens[this.#at]?.text ?? '';
      this.#at++;
      const optional = this.#take('?');
      const type = this.#take(':') ? this.#union() : undefined;
      if (name === 'this') {
        if (type !== undefined) facts.thisType = type;
      } else {
        parameters.push({ name: build.intern(name), ...(type === undefined ? {} : { type }), ...(optional ? { optional: true } : {}), ...(rest ? { form: 'rest' } : {}) });
      }
      if (!this.#take(',') && !this.#mark(')')) break;
    }
    if (this.#take('=>')) facts.returnType = this.#union();
    facts.parameters = parameters;
    const index = build.function(facts);
    return build.type(constructs ? { k: 'function', function: index, constructs: true } : { k: 'function', function: index });
  }

  #imported(): TypeIndex {
    const walk = this.#walk;
    this.#at++;
    const specifier = this.#tokens[this.#at];
    this.#at++;
    this.#take(')');
    if (specifier?.kind !== 'string') return 0;
    const path = this.#path('').slice(1).map((name) => walk.build.intern(name));
    const given = this.#generics();
    const index = addTypeImport(walk, this.#source.comment, walk.build.intern(specifier.text), path);
    return walk.build.type({ k: 'import', import: index, path, ...(given === undefined ? {} : { arguments: given }) });
  }
}

function newFunction(walk: Walk): Draft<FunctionFacts> {
  return { definition: -1, scope: walk.build.scope('function', walk.at.scope, walk.at.owner), parameters: [], returns: [], bodiless: true };
}

/** A position inside a comment's text; its start where bytes and characters differ. */
export function positionIn(walk: Walk, source: DocTypeText, index: number): { readonly line: number; readonly column: number; readonly offset: number } {
  const start = walk.nodes.start[source.comment] ?? 0;
  const end = walk.nodes.end[source.comment] ?? 0;
  const plain = walk.source.slice(start, end).length === end - start;
  return plain ? walk.source.at(Math.min(source.offset + index, end)) : walk.position(source.comment);
}
