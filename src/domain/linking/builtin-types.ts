/**
 * What the language's own types and functions give, as data. An entry is a key `Type.method` or a dotted function name, and a signature in a small language:
 *
 *     entry      = [callback] result                   a name that starts with "." is a property: reading it gives the result
 *     callback   = (index | keyword) ":(" result {"," result} ")"      what a function passed as that argument receives
 *     result     = choice {"|" choice}
 *     choice     = term ["/" term]                      the second where its argument is given, else the first
 *     term       = "T0" | "T1"        type argument of the receiver
 *                | "A0" | "A1" …      the values of that argument
 *                | "E0" …             an element of that argument
 *                | "W0" …             the values of that argument, a sequence, with its elements awaited
 *                | "R0" …             what the function passed as that argument returns (awaited where it is a promise)
 *                | "F0" …             the same, and of a sequence its elements
 *                | "L0" …             T0, and of a sequence its elements
 *                | "I0" …             an instance of the class passed as that argument
 *                | "A(k)" "I(k)" "R(k)"   the same of the argument passed by that keyword
 *                | "P0" …             any of the arguments
 *                | "X0" …             an element of any of the arguments from that one on
 *                | "D0" …             an element of an element of that argument
 *                | "Y0"               a tuple of an element of each argument
 *                | "G0"               a tuple of the arguments, each awaited; a list where their number is not known
 *                | "Z0" …             the values of that argument, awaited
 *                | "U0"               T0, awaited
 *                | "N0" "M0" …        what entering that argument gives; what entering it asynchronously gives
 *                | "Q0" …             what the function passed as that argument gives a framework: its result, awaited, or what it yields
 *                | "S0" …             the type argument of the call at that place; where none is written, the values of that argument
 *                | "H0" …             the same; what a function passed there returns
 *                | "V0" …             what the function passed as that argument says of what it is asked about, where it is a type guard, else T0
 *                | "O0" …             the type argument of the call at that place, and nothing where none is written
 *                | "B0" …             what is exported by default by the module that the function passed as that argument loads
 *                | "J0" …             what a container gives for that argument, a class or token; of the type that is written, where one is
 *                | "K(m)"             what the receiver's own method m gives
 *                | "own"              an instance of the receiver's class, or of the receiver where it is a class
 *                | "self"             the receiver
 *                | "?"                nothing is known
 *                | Name ["<" result {"," result} ">"]     a builtin type
 */
export type Signature = {
  readonly callbacks: readonly { readonly argument: number | string; readonly parameters: readonly Term[] }[];
  readonly result: Term;
  readonly property?: true;
};

export type Term =
  | { readonly t: IndexedTerm; readonly index: number }
  | { readonly t: 'argument' | 'return' | 'instance'; readonly keyword: string }
  | { readonly t: 'through'; readonly method: string }
  | { readonly t: 'choice'; readonly given: Term; readonly otherwise: Term; readonly argument: number }
  | { readonly t: 'self' | 'own' | 'unknown' }
  | { readonly t: 'type'; readonly name: string; readonly arguments: readonly Term[] }
  | { readonly t: 'union'; readonly of: readonly Term[] };

type IndexedTerm = (typeof LETTERS)[keyof typeof LETTERS];

const LETTERS = {
  T: 'receiver-argument', A: 'argument', E: 'element', W: 'awaited-elements', R: 'return', I: 'instance', F: 'flattened-return', L: 'flattened-receiver-argument',
  S: 'stated', H: 'state', J: 'asked-for', P: 'any-argument', X: 'any-element', D: 'inner-element', Y: 'zipped', G: 'gathered', Z: 'awaited-argument', U: 'awaited-receiver-argument', N: 'entered', M: 'entered-async', Q: 'provided', O: 'written', B: 'default-of-return', V: 'guarded',
} as const;

export interface BuiltinType {
  /** Which type argument iterating gives (-1: none; -2: a tuple of all). */
  readonly iterates: number;
  /** Which type argument awaiting gives (-1: none). */
  readonly awaits: number;
  /** Which type argument indexing gives (-1: none). */
  readonly indexes: number;
  readonly methods: ReadonlyMap<string, Signature>;
  /** Types whose methods it has too. */
  readonly extends: readonly string[];
  /** Brought by a library, to work on the class in which it is found: the first type argument. */
  readonly owned?: true;
}

export class BuiltinTable {
  readonly #types = new Map<string, BuiltinType>();
  readonly #functions = new Map<string, Signature>();
  readonly #methodNames = new Set<string>();

  constructor(text: string) {
    let methods: Map<string, Signature> | undefined;
    let library = false;
    for (const line of text.split('\n')) {
      const trimmed = line.trim();
      if (trimmed === '' || trimmed.startsWith('//')) continue;
      const header = /^type ([\w.-]+)(?: extends ([\w, .-]+?))?((?: (?:iterates|awaits|indexes)=-?\d)*)( of-library| owned)?$/.exec(trimmed);
      if (header !== null) {
        methods = new Map();
        library = header[4] !== undefined;
        const number = (name: string): number => Number(new RegExp(`${name}=(-?\\d)`).exec(header[3] ?? '')?.[1] ?? -1);
        this.#types.set(header[1] ?? '', { iterates: number('iterates'), awaits: number('awaits'), indexes: number('indexes'), methods, extends: (header[2] ?? '').split(/, */).filter((name) => name !== ''), ...(header[4] === ' owned' ? { owned: true as const } : {}) });
        continue;
      }
      const at = trimmed.indexOf(': ');
      const signature = parseSignature(trimmed.slice(at + 2));
      for (const name of trimmed.slice(0, at).split(/ +/)) {
        if (name.startsWith('=')) this.#functions.set(name.slice(1), signature);
        else if (name.startsWith('.')) methods?.set(name.slice(1), { ...signature, property: true });
        else {
          methods?.set(name, signature);
          if (!library) this.#methodNames.add(name);
        }
      }
    }
  }

  type(name: string): BuiltinType | undefined {
    return this.#types.get(name);
  }

  /** The signature of a method and the type that has it. Undefined for an unknown one. */
  method(type: string, name: string): { readonly type: string; readonly signature: Signature } | undefined {
    const seen = new Set<string>();
    const queue = [type];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const known = this.#types.get(at);
      if (known === undefined) continue;
      const signature = known.methods.get(name);
      if (signature !== undefined) return { type: at, signature };
      queue.push(...known.extends);
    }
    return undefined;
  }

  /** Whether any of the types has a method of this name. */
  hasMethod(name: string): boolean {
    return this.#methodNames.has(name);
  }

  /** The signature of a function by its dotted name: `Promise.all`, `os.path.join`. */
  function(name: string): Signature | undefined {
    return this.#functions.get(name);
  }
}

interface Place {
  readonly package: string;
  readonly members: readonly string[];
}

/** Where a type of the tables comes from: `asyncio.TaskGroup` names the module that brings it, a plain name is the language's own. */
export function typePlace(type: string, builtinPackage: string): Place {
  const [first = '', ...rest] = type.split('.');
  return rest.length === 0 ? { package: builtinPackage, members: [type] } : { package: first, members: rest };
}

/** The same of a member of the type. */
export function memberPlace(type: string, name: string, builtinPackage: string): Place {
  const place = typePlace(type, builtinPackage);
  return { ...place, members: [...place.members, name] };
}

function parseSignature(text: string): Signature {
  let at = 0;
  const callbacks: { argument: number | string; parameters: Term[] }[] = [];
  const callback = /^(\d|[a-z_]+):\(/;
  for (let match = callback.exec(text.slice(at)); match !== null; match = callback.exec(text.slice(at))) {
    at += match[0].length;
    const parameters: Term[] = [];
    while (text[at] !== ')') {
      parameters.push(union());
      if (text[at] === ',') at++;
    }
    at++;
    while (text[at] === ' ') at++;
    callbacks.push({ argument: /^\d$/.test(match[1] ?? '') ? Number(match[1]) : (match[1] ?? ''), parameters });
  }
  return { callbacks, result: union() };

  function union(): Term {
    const of = [choice()];
    while (text[at] === '|') {
      at++;
      of.push(choice());
    }
    const [first] = of;
    return of.length === 1 && first !== undefined ? first : { t: 'union', of };
  }

  function choice(): Term {
    const otherwise = term();
    if (text[at] !== '/') return otherwise;
    at++;
    const given = term();
    if (!('index' in given)) throw new SyntaxError(`builtin signature: ${text}`);
    return { t: 'choice', given, otherwise, argument: given.index };
  }

  function term(): Term {
    const word = /^(\?|[\w.-]+)/.exec(text.slice(at))?.[0] ?? '';
    at += word.length;
    if (word === '') throw new SyntaxError(`builtin signature: ${text}`);
    if (word === '?') return { t: 'unknown' };
    if (word === 'self' || word === 'own') return { t: word };
    const special = /^([TAEWRIFLPXDYGZUNMQSHJOBV])(\d)$/.exec(word);
    if (special !== null) return { t: LETTERS[special[1] as keyof typeof LETTERS], index: Number(special[2]) }; // the pattern admits these letters only
    if (word === 'K' && text[at] === '(') {
      const method = /^\((\w+)\)/.exec(text.slice(at)) ?? ['', ''];
      at += method[0].length;
      return { t: 'through', method: method[1] ?? '' };
    }
    if ((word === 'A' || word === 'R' || word === 'I') && text[at] === '(') {
      const keyword = /^\((\w+)\)/.exec(text.slice(at)) ?? ['', ''];
      at += keyword[0].length;
      return { t: LETTERS[word], keyword: keyword[1] ?? '' };
    }
    const args: Term[] = [];
    if (text[at] === '<') {
      at++;
      while (text[at] !== '>') {
        args.push(union());
        if (text[at] === ',') at++;
      }
      at++;
    }
    return { t: 'type', name: word, arguments: args };
  }
}
