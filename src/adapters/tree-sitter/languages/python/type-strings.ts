import type { DefinitionIndex, ScopeIndex, TypeIndex } from '../../../../domain/file-facts.js';
import { namedType, nullType, unionType } from './named-types.js';
import type { Walk } from './walk.js';

/** A type written in a string or comment. */
export interface TypeText {
  readonly text: string;
  /** Byte offset of the text in the file. */
  readonly offset: number;
  readonly scope: ScopeIndex;
  readonly owner: DefinitionIndex;
}

/** A quoted type such as `list['Foo'] | None`; 0 (opaque) for what is none. Trailing comments are left out. */
export function parseTypeText(w: Walk, text: TypeText): TypeIndex {
  return parsed(w, text, (parser) => {
    const type = parser.union();
    return parser.atEnd() ? type : undefined;
  }) ?? 0;
}

/** The comment of a function in the manner of PEP 484: `(int, *str) -> None`; `...` for parameters is an empty list. */
export function parseFunctionTypeText(w: Walk, text: TypeText): { readonly parameters: readonly TypeIndex[]; readonly returns: TypeIndex } | undefined {
  return parsed(w, text, (parser) => {
    const parameters = parser.parameterList();
    if (parameters === undefined || !parser.take('->')) return undefined;
    const returns = parser.union();
    return returns !== undefined && parser.atEnd() ? { parameters, returns } : undefined;
  });
}

const TOKEN = /\s*(?:([\p{ID_Start}_][\p{ID_Continue}]*)|(->|\.\.\.|[.[\](),|*])|(-?\d[\w.]*)|[bBrRuU]?('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))/uy;
/** Deeper nested types are opaque. */
const MAX_NESTING = 60;

function parsed<T>(w: Walk, text: TypeText, read: (parser: TypeParser) => T | undefined): T | undefined {
  const uses = w.typeUses.length;
  const result = read(new TypeParser(w, text));
  if (result === undefined) w.typeUses.length = uses;
  return result;
}

class TypeParser {
  readonly #w: Walk;
  readonly #text: TypeText;
  #at = 0;
  #token = '';
  #kind: 'name' | 'mark' | 'number' | 'string' | 'end' | 'other' = 'end';
  #start = 0;
  #depth = 0;

  constructor(w: Walk, text: TypeText) {
    this.#w = w;
    this.#text = text;
    this.#advance();
  }

  atEnd(): boolean {
    return this.#kind === 'end';
  }

  take(mark: string): boolean {
    if (this.#kind !== 'mark' || this.#token !== mark) return false;
    this.#advance();
    return true;
  }

  union(): TypeIndex | undefined {
    if (++this.#depth > MAX_NESTING) return undefined;
    const members: TypeIndex[] = [];
    do {
      const member = this.#single();
      if (member === undefined) return undefined;
      members.push(member);
    } while (this.take('|'));
    this.#depth--;
    return unionType(this.#w, members);
  }

  parameterList(): readonly TypeIndex[] | undefined {
    if (!this.take('(')) return undefined;
    const types: TypeIndex[] = [];
    if (this.take('...')) return this.take(')') ? types : undefined;
    while (!this.take(')')) {
      while (this.take('*')) continue;
      const type = this.union();
      if (type === undefined) return undefined;
      types.push(type);
      if (!this.take(',')) return this.take(')') ? types : undefined;
    }
    return types;
  }

  #single(): TypeIndex | undefined {
    const { b } = this.#w;
    if (this.take('...')) return 0;
    if (this.take('*')) return this.#single();
    if (this.take('(')) {
      const inner = this.union();
      return inner !== undefined && this.take(')') ? inner : undefined;
    }
    if (this.take('[')) {
      const elements = this.#list(false);
      return elements === undefined ? undefined : b.type({ k: 'tuple', elements });
    }
    if (this.#kind === 'string') {
      const inner = parseTypeText(this.#w, { ...this.#text, text: this.#token.slice(1, -1), offset: this.#byte(this.#start + 1) });
      this.#advance();
      return inner;
    }
    return this.#kind === 'name' ? this.#named() : undefined;
  }

  #named(): TypeIndex | undefined {
    const path: string[] = [];
    let start = this.#start;
    do {
      if (this.#kind !== 'name') return undefined;
      start = this.#start;
      path.push(this.#token);
      this.#advance();
    } while (this.take('.'));
    const named = { path, scope: this.#text.scope, owner: this.#text.owner, offset: this.#byte(start) };
    if (!this.take('[')) return namedType(this.#w, named);
    const index = namedType(this.#w, { ...named, arguments: [] });
    const given = this.#list(path.at(-1) === 'Literal');
    if (given === undefined) return undefined;
    const type = this.#w.b.types[index];
    if (type?.k === 'ref') this.#w.b.types[index] = { k: 'ref', path: type.path, scope: type.scope, arguments: path.at(-1) === 'Annotated' ? given.slice(0, 1) : given };
    return index;
  }

  /** Up to the closing bracket. */
  #list(literals: boolean): TypeIndex[] | undefined {
    const out: TypeIndex[] = [];
    while (!this.take(']')) {
      const type = literals ? this.#literal() : this.union();
      if (type === undefined) return undefined;
      out.push(type);
      if (!this.take(',')) return this.take(']') ? out : undefined;
    }
    return out;
  }

  #literal(): TypeIndex | undefined {
    const { b } = this.#w;
    if (this.#kind === 'name' && this.#token === 'None') {
      this.#advance();
      return nullType(this.#w);
    }
    const type = this.#kind === 'string' ? 'string' : this.#kind === 'number' ? 'number' : this.#token === 'True' || this.#token === 'False' ? 'boolean' : undefined;
    if (type === undefined) return this.union();
    const value = b.intern(type === 'string' ? this.#token.slice(1, -1) : this.#token);
    this.#advance();
    return b.type({ k: 'literal', type, value });
  }

  #advance(): void {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text.text);
    if (match === null) {
      const rest = this.#text.text.slice(this.#at).trim();
      this.#kind = rest === '' || rest.startsWith('#') ? 'end' : 'other';
      this.#token = '';
      return;
    }
    const [whole, name, mark, number, string] = match;
    this.#token = name ?? mark ?? number ?? string ?? '';
    this.#kind = name !== undefined ? 'name' : mark !== undefined ? 'mark' : number !== undefined ? 'number' : 'string';
    this.#start = this.#at + whole.length - this.#token.length;
    this.#at += whole.length;
  }

  #byte(index: number): number {
    return this.#text.offset + Buffer.byteLength(this.#text.text.slice(0, index));
  }
}
