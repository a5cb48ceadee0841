import { describe, expect, it } from 'vitest';
import { binding, classOf, definition, functionOf, js, members, pathOf, show, showFunction, showType, ts, typeReferences } from './ecmascript-facts.js';

const alias = (source: string): string => {
  const facts = ts(`type X<T> = ${source};\n`);
  return showType(facts, definition(facts, 'X').type);
};

describe('the types of a TypeScript file', () => {
  it('are names, generics, unions, arrays, tuples and literals', () => {
    expect(['string', 'A.B.C', 'Map<string, A<B>>', 'A | B | C', '| A', 'A & B', 'A[]', 'readonly A[]', '[a: A, b?: B, ...c: C[]]', '[A, B?]', "'a' | 1 | -1 | true | null | undefined", '(A)', 'this'].map(alias)).toEqual([
      'string', 'A.B.C', 'Map<string, A<B>>', 'A | B | C', 'A', 'A & B', 'A[]', 'A[]', '[A, B, C[]]', '[A, B]', "'a' | 1 | -1 | true | null | undefined", 'A', 'this',
    ]);
  });

  it('are functions, constructors and object types', () => {
    expect(['(a: A, b?: B, ...c: C[]) => D', 'new (a: A) => B', 'abstract new () => B', '<U extends T>(this: U, a: U) => a is A', '{ a: A; b?(c: C): D; (e: E): F; new (g: G): H; [k: string]: I }'].map(alias)).toEqual([
      '(a: A, b?: B, ...c: C[]) => D', 'new (a: A) => B', 'new () => B', '<U extends T>(this: U, a: U) => a is A', '{a: A; method b?: (c: C) => D; call : (e: E) => F; construct : (g: G) => H; index : I}',
    ]);
  });

  it('are queries, indexed access and imports', () => {
    expect(['typeof a.b', "T['k']", 'T[number]', 'T[K]', "import('m').A.B", "typeof import('m')"].map(alias)).toEqual(['typeof a.b', 'T[k]', 'T[]', 'T[]', 'import(m).A.B', 'typeof <module m>']);
  });

  it('are mapped types over the keys of a type, which have its members', () => {
    expect(['{ [K in keyof T]?: T[K] }', '{ readonly [K in A]: B }', '{ [K in keyof T as F<K>]: T[K] }'].map(alias)).toEqual(['T', '{index : B}', '{index : T[]}']);
  });

  it('are opaque where the vocabulary has no words', () => {
    expect(['T extends infer U ? U : never', 'keyof T', '`a${T}`', 'unique symbol'].map(alias)).toEqual(['?', '?', '?', '?']);
  });

  it('are predicates and assertions', () => {
    const facts = ts('function a(x): x is A {}\nfunction b(x): asserts x is B {}\nclass C { d(): this is D {} }\nfunction e(x): asserts x {}\n');
    expect(['a', 'b', 'C.d', 'e'].map((name) => showType(facts, functionOf(facts, name).returnType))).toEqual(['x is A', 'x is B', 'this is D', '?']);
  });

  it('stand on parameters, returns, variables, fields and this', () => {
    const facts = ts('function f(this: T, a: A, b?: B, ...c: C[]): R {}\nconst v: V = 1;\nclass K { d: D; e?: E }\n');
    expect(showFunction(facts, functionOf(facts, 'f'))).toBe('(this: T, a: A, b?: B, ...c: C[]) => R');
    expect(showType(facts, binding(facts, '', 'v')?.type)).toBe('V');
    expect(showType(facts, definition(facts, 'v').type)).toBe('V');
    expect(members(facts, classOf(facts, 'K'))).toEqual(['field d: D', 'field e?: E']);
  });

  it('are heritage: an expression for a class, types for interfaces and implements', () => {
    const facts = ts('class A<T> extends mix(B)<T> implements I<T>, ns.J {}\ninterface K extends L, M<N> {}\n');
    const [a, k] = [classOf(facts, 'A'), classOf(facts, 'K')];
    expect(a.extends.map((each) => `${show(facts, each.expr)} ${each.line}:${each.column}`)).toEqual(['mix(B) 1:20']);
    expect(a.extends[0]?.typeArguments?.map((each) => showType(facts, each))).toEqual(['T']);
    expect([a.implements, k.extends].map((list) => list.map((each) => showType(facts, each.type)))).toEqual([['I<T>', 'ns.J'], ['L', 'M<N>']]);
    // The base itself has its place in the class; what it is given is used as a type.
    expect(typeReferences(facts)).toEqual(['K: N']);
  });

  it('are members of interfaces, with overloads, calls and index signatures', () => {
    const facts = ts('interface I { a: A; b(c: C): void; b(d: D): void; (e: E): F; new (g: G): I; [k: string]: H; readonly i?: () => void; set j(v: J) }\n');
    const of = classOf(facts, 'I');
    expect(members(facts, of)).toEqual(['field a: A', 'method b', 'call ', 'construct ', 'index : H', 'field i?: () => void', 'property j: J']);
    expect(of.members[1]?.functions).toHaveLength(2);
  });

  it('are mentioned once with their owner and position, built-in names and type parameters left out', () => {
    const facts = ts('function f<T extends A>(a: B, b: T, c: string): Promise<C> { let d: ns.D; return e as E<F>; }\ninterface G { h: H }\n');
    expect(typeReferences(facts)).toEqual(['f: A', 'f: B', 'f: C', 'f: Promise<C>', 'f: ns.D', 'f: F', 'f: E<F>', 'G: H']);
    const mention = facts.typeReferences[4];
    expect(mention?.at).toMatchObject({ line: 1, column: 72 });
  });

  it('give constructor parameter properties to the class', () => {
    const facts = ts('class A { constructor(private readonly a: B, c: C, public d?: D) {} }\n');
    expect(members(facts, classOf(facts, 'A'))).toEqual(['constructor constructor', 'field a: B', 'field d?: D']);
    expect(functionOf(facts, 'A.constructor').parameters.map(({ name, property }) => [name, property])).toEqual([['a', true], ['c', undefined], ['d', true]]);
  });
});

describe('the types that JavaScript keeps in comments', () => {
  const jsdoc = (type: string): string => {
    const facts = js(`/** @type {${type}} */\nlet x;\n`);
    return showType(facts, binding(facts, '', 'x')?.type);
  };

  it('are read in JSDoc\'s own notation and TypeScript\'s', () => {
    expect([
      'Foo', 'ns.Foo', 'Array<Foo>', 'Array.<Foo>', 'Foo[]', 'Promise<Foo[]>', '(A|B)', '?A', '!A', 'A=', '*', '?', "import('./x').T", "import('./x').T<A>", 'function(A, B): C', 'function(this:A, new:B)', '{a: A, b?: B[]}', 'typeof x.y',
      'Object<string, A>', 'String', "'a'|1", '[A, B]', '(a: A, b?: B) => C', 'A & B', "A['k']", 'null|undefined', 'Record<string, (A|B)[]>',
    ].map(jsdoc)).toEqual([
      'Foo', 'ns.Foo', 'Foo[]', 'Foo[]', 'Foo[]', 'Promise<Foo[]>', 'A | B', 'A | null', 'A', 'A', '?', '?', 'import(./x).T', 'import(./x).T<A>', '(: A, : B) => C', 'new (this: A) => B', '{a: A; b?: B[]}', 'typeof x.y',
      '{index : A}', 'string', "'a' | 1", '[A, B]', '(a: A, b?: B) => C', 'A & B', 'A[k]', 'null | undefined', 'Record<string, A | B[]>',
    ].map((each) => each.replaceAll('(: A, : B)', '({}: A, {}: B)')));
  });

  it('make nothing of damage', () => {
    expect(['', '{', 'A<', '(', 'A|', 'function(', 'A B', '..', '<>', "import('"].map((type) => ['?', '-', 'A<?>', 'A | ?'].includes(jsdoc(type)) || jsdoc(type))).not.toContain('throws');
  });

  it('describe parameters, returns and this of functions and methods', () => {
    const facts = js(`
/**
 * @template T
 * @param {Foo} a the first
 * @param {string} [b=1]
 * @param {Bar} [c]
 * @param {Baz} opts
 * @param {string} opts.part
 * @param {...Qux} rest
 * @returns {Promise<Foo>} later
 * @this {Thing}
 */
function f(a, b, c, { part }, ...rest) {}
class A {
  /** @param {Foo} x @return {T} */
  m(x) {}
  /** @type {Bar} */
  field = 1;
}
const o = {
  /** @param {Foo} y */
  n(y) {},
};
/** @param {Foo} z */
exports.q = function (z) {};
`);
    expect(showFunction(facts, functionOf(facts, 'f'))).toBe('<T>(this: Thing, a: Foo, b?: string, c?: Bar, {}: Baz, ...rest: Qux[]) => Promise<Foo>');
    expect(['A.m', 'o.n', 'q'].map((name) => showFunction(facts, functionOf(facts, name)))).toEqual(['(x: Foo)', '(y: Foo)', '(z: Foo)']);
    expect(members(facts, classOf(facts, 'A'))).toEqual(['method m', 'field field: Bar']);
  });

  it('cast, describe assignments and type arguments of a base', () => {
    const facts = js('/** @extends {Base<Foo>} */\nclass A extends Base { constructor() { /** @type {Bar} */ this.x = 1; } }\nconst y = /** @type {Foo} */ (z);\n/** @type {Handler} */\nconst h = (e) => e;\n');
    expect(classOf(facts, 'A').extends[0]?.typeArguments?.map((each) => showType(facts, each))).toEqual(['Foo']);
    expect(showType(facts, facts.assignments[0]?.type)).toBe('Bar');
    expect(show(facts, binding(facts, '', 'y')?.values?.[0])).toBe('<z as Foo>');
    const { context } = functionOf(facts, 'h');
    expect(context !== undefined && 'type' in context ? showType(facts, context.type) : '').toBe('Handler');
  });

  it('declare object shapes, aliases and callbacks', () => {
    const facts = js(`
/**
 * @typedef {Object} Opts
 * @property {string} name the name
 * @property {Foo[]} [list]
 */
/** @typedef {import('./x').Foo} Foo */
/**
 * @callback Done
 * @param {Error} error
 * @param {Foo} [foo]
 * @returns {void}
 */
`);
    expect(facts.definitions.map((each, i) => `${each.kind} ${pathOf(facts, i)} ${showType(facts, each.type)} ${each.at.line}:${each.at.column}`)).toEqual([
      'type Opts {name: string; list?: Foo[]} 3:22', 'type Foo import(./x).Foo 7:34', 'type Done (error: Error, foo?: Foo) => void 9:14',
    ]);
    expect(binding(facts, '', 'Foo')?.definitions).toEqual([1]);
  });

  it('are not read in TypeScript', () => {
    const facts = ts('/** @param {Foo} a\n * @typedef {A} B */\nfunction f(a) {}\n');
    expect(showFunction(facts, functionOf(facts, 'f'))).toBe('(a)');
    expect(facts.definitions).toHaveLength(1);
  });
});
