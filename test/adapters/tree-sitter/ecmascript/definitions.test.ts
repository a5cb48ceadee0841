import { describe, expect, it } from 'vitest';
import { assignments, binding, classOf, definition, definitions, functionOf, js, members, pathOf, show, showType, ts, tsx } from './ecmascript-facts.js';

describe('the definitions of an ECMAScript file', () => {
  it('are functions however they are written, named by what holds them', () => {
    expect(definitions(ts(`
function a() {}
async function* b() {}
const c = () => 1;
export const d = function named() {}, e = async () => {};
const f = wrap(() => 1);
const g = React.memo(function Inner() {});
const h = xs.map(x => x);
run(function i() {});
`))).toEqual([
      'function a', 'function b async generator', 'function c', 'function d exported', 'function e async exported', 'function f', 'function g', 'variable h', 'function i',
    ]);
  });

  it('do not take an array method for a wrapper where the array is the file\'s own', () => {
    expect(definitions(js('const xs = [];\nconst h = xs.map(x => x);\n'))).toEqual(['variable xs', 'variable h']);
  });

  it('are classes, interfaces, aliases, enums and namespaces with their members', () => {
    expect(definitions(ts(`
abstract class A { a = 1; static b = () => {}; #c?: string; abstract d(): void; get e() { return 1; } set e(v) {} constructor(private readonly f: F, g: G, public h = 1) {} }
const B = class Own {};
interface I { a: string; b(): void; readonly c?: () => void; get d(): string }
type T = { a: string; b(): void };
const enum E { A, B = 1, 'c-d' }
namespace N.M { export const x = 1; function y() {} }
declare module 'm' { export function f(): void; }
declare global { interface Window { a: string } }
declare function q(a: string): void;
`))).toEqual([
      'class A abstract', 'field A.a', 'method A.b static', 'field A.#c optional', 'method A.d abstract', 'method A.e getter', 'method A.e setter', 'constructor A.constructor',
      'field A.f private property readonly', 'field A.h property public', 'class B', 'interface I', 'field I.a', 'method I.b', 'field I.c optional readonly', 'method I.d getter',
      'type T', 'enum E const', 'field E.A', 'field E.B', 'field E.c-d', 'module N', 'module N.M exported', 'variable N.M.x exported', 'function N.M.y', 'module m declare',
      'function m.f exported', 'module global declare', 'interface global.Window exported', 'field global.Window.a', 'function q declare',
    ]);
  });

  it('are module-level variables, each destructured name one', () => {
    expect(definitions(js('var a = 1, { b, c: [d, ...e], ...f } = g;\nlet h;\nif (h) { var i = 1; const j = 2; }\n'))).toEqual([
      'variable a', 'variable b', 'variable d', 'variable e', 'variable f', 'variable h', 'variable i',
    ]);
  });

  it('are locals only when they hold a function or class', () => {
    const facts = js('function f() { const a = 1; const b = () => {}; class C { m() {} } function d() {} const e = wrap(() => 1); for (const x of a) {} }\n');
    expect(definitions(facts)).toEqual(['function f', 'function f.b local', 'class f.C local', 'method f.C.m local', 'function f.d local']);
    expect(binding(facts, 'f', 'a')?.kind).toBe('variable');
    expect(binding(facts, 'f', 'b')?.kind).toBe('definition');
  });

  it('are function-valued members of object literals, in what holds the literal', () => {
    const facts = js('const api = { a() {}, b: () => 1, get c() { return 1; }, async *d() {}, nested: { e: function () {} }, f: 1 };\nsetup({ g() {} });\nconst frozen = Object.freeze({ h() {} });\nfunction k() { return { l() {} }; }\n');
    expect(definitions(facts)).toEqual([
      'variable api', 'method api.a', 'method api.b', 'method api.c getter', 'method api.d async generator', 'method api.e', 'method g', 'variable frozen', 'method frozen.h', 'function k',
      'method k.l local',
    ]);
    const home = functionOf(facts, 'api.a').home;
    expect(show(facts, home)).toContain('a: <function api.a>');
    expect(functionOf(facts, 'api.c').home).toBe(home);
    // A getter's property is what the getter returns.
    expect(show(facts, home)).toContain('c: <function api.c>()');
  });

  it('are functions assigned to members, one for each name of a chain', () => {
    const facts = js(`
var app = {};
app.use = function use() {};
function C() { this.own = () => 1; }
C.prototype.m = function () {};
app.get = app.header = function (name) {};
res.json = function json() {};
`);
    expect(definitions(facts)).toEqual(['variable app', 'method app.use', 'function C', 'method C.own local', 'method C.m', 'method app.get', 'method app.header', 'method json']);
    expect(assignments(facts)).toEqual([
      'app.use = <function app.use> defines app.use', '<this of C>.own = <function C.own> defines C.own', 'C.prototype.m = <function C.m> defines C.m',
      'app.header = <function app.header> defines app.header', 'app.get = <function app.header> defines app.get', 'res.json = <function json> defines json',
    ]);
    expect(definition(facts, 'app.get').function).toBe(definition(facts, 'app.header').function);
  });

  it('are in TypeScript no functions assigned to members that are declared elsewhere', () => {
    const facts = ts('class A { f?: () => void; m() { this.f = () => {}; server.close = () => {}; } }\nfunction g() {}\ng.h = () => {};\n');
    expect(definitions(facts)).toEqual(['class A', 'field A.f optional', 'method A.m', 'function g', 'method g.h']);
    expect(assignments(facts)[0]).toBe('<this A>.f = <function > in A');
  });

  it('are in JavaScript fields by their first assignment, unless the class declares them', () => {
    const facts = js('class A { b = 1; constructor() { this.a = 1; this.a = 2; this.b = 3; this.c = () => {}; } static s() { this.d = 1; } }\n');
    expect(definitions(facts)).toEqual(['class A', 'field A.b', 'constructor A.constructor', 'field A.a local', 'method A.c local', 'method A.s static', 'field A.d static local']);
    expect(assignments(facts)).toEqual([
      '<this A>.a = 1 in A defines A.a', '<this A>.a = 2 in A', '<this A>.b = 3 in A', '<this A>.c = <function A.c> in A defines A.c', '<this static A>.d = 1 in static A defines A.d',
    ]);
  });

  it('are nameless default exports', () => {
    expect(definitions(ts('export default () => {};\n'))).toEqual(['function default exported']);
    expect(definitions(js('export default class { m() {} }\n'))).toEqual(['class default exported', 'method default.m']);
    expect(definitions(js('module.exports = function () {};\n'))).toEqual(['function default exported']);
    expect(definitions(js('module.exports = class Named {};\n'))).toEqual(['class Named exported']);
  });

  it('are not names that stand for imports', () => {
    expect(definitions(js("const a = require('a'), { b, c: d } = require('b'), e = require('c').e;\nconst f = await import('f');\nimport g from 'g';\n"))).toEqual([]);
  });

  it('have one for each overload, the implementation last', () => {
    const facts = ts('function f(a: string): void;\nfunction f(a: number): void;\nfunction f(a: any) {}\nclass A { m(): void; m(a?: string) {} constructor(a: string); constructor(a: any) {} }\n');
    expect(binding(facts, '', 'f')?.definitions).toEqual([0, 1, 2]);
    expect(facts.functions.filter(({ definition }) => definition < 3).map(({ bodiless }) => bodiless)).toEqual([true, true, undefined]);
    expect(classOf(facts, 'A').members.map(({ name, definitions, functions }) => [name, definitions.length, functions?.length])).toEqual([['m', 2, 2], ['constructor', 2, 2]]);
  });

  it('hold an accessor pair as two definitions and one member, the getter first', () => {
    const facts = ts('class A { set x(v: string) {} get x(): string { return ""; } }\n');
    expect(members(facts, classOf(facts, 'A'))).toEqual(['property x']);
    const [member] = classOf(facts, 'A').members;
    expect(member?.definitions.map((index) => facts.definitions[index]?.modifiers)).toEqual([['getter'], ['setter']]);
    expect(showType(facts, facts.functions[member?.functions?.[0] ?? -1]?.returnType)).toBe('string');
    const setter = ts('class A { set x(v: string) {} }\n');
    expect(members(setter, classOf(setter, 'A'))).toEqual(['property x: string']);
  });

  it('keep class fields that hold a function as methods with their this', () => {
    const facts = ts('class A { a = () => this.b; static c = function () {}; d: Handler = (x) => x; }\n');
    expect(members(facts, classOf(facts, 'A'))).toEqual(['method a', 'static method c', 'method d: Handler']);
    expect(functionOf(facts, 'A.a')).toMatchObject({ arrow: true, member: { class: 0, static: false } });
    expect(show(facts, functionOf(facts, 'A.a').returns[0])).toBe('<this A>.b');
    expect(functionOf(facts, 'A.d').context).toEqual({ type: binding(facts, '', 'A') === undefined ? -1 : classOf(facts, 'A').members[2]?.type });
  });

  it('say where they stand, their signature, first line of documentation and modifiers', () => {
    const facts = ts(`/**
 * Loads it.
 * More.
 * @returns nothing
 */
@dec
export abstract class A<T> extends B {
  /** Runs. */
  protected static override async run(
    a: string,
  ): Promise<void> {}
}
/** @internal */
export const limit: number = 5;
`);
    const [type, run, limit] = facts.definitions;
    expect(type).toMatchObject({ signature: 'abstract class A<T> extends B', doc: 'Loads it.', exported: true, modifiers: ['abstract'], at: { line: 7, column: 23 }, range: { start: { line: 6, column: 1 }, end: { line: 12, column: 2 } } });
    expect(run).toMatchObject({ signature: 'protected static override async run( a: string, ): Promise<void>', doc: 'Runs.', modifiers: ['async', 'override', 'protected', 'static'] });
    expect(limit).toMatchObject({ signature: 'export const limit: number', type: expect.any(Number) });
    expect(limit).not.toHaveProperty('doc');
  });

  it('count columns in UTF-16 units and offsets in bytes', () => {
    expect(definition(js('/* é😀 */ function f() {}\n'), 'f').at).toEqual({ line: 1, column: 20, offset: 22 });
  });

  it('keep names that are properties of every object apart', () => {
    const facts = js('const __proto__ = 1, constructor = 2, toString = 3;\nclass A { __proto__() {} toString() {} hasOwnProperty = 1; static constructor() {} }\nfunction f(valueOf) { return { __proto__: valueOf, constructor() {} }; }\n');
    expect(facts.scopes[0]?.bindings.map(({ name, values }) => [name, values?.length])).toEqual([['__proto__', 1], ['constructor', 1], ['toString', 1], ['A', undefined], ['f', undefined]]);
    expect(members(facts, classOf(facts, 'A'))).toEqual(['method __proto__', 'method toString', 'field hasOwnProperty', 'static method constructor']);
  });

  it('name computed members by their constant or as written', () => {
    const facts = ts("class A { ['a']() {} [Symbol.iterator]() {} [key] = 1; 'b-c' = 2; 3 = 4; }\n");
    expect(facts.definitions.map((_, i) => pathOf(facts, i)).slice(1)).toEqual(['A.a', 'A.[Symbol.iterator]', 'A.[key]', 'A.b-c', 'A.3']);
  });

  it('hold the type parameters of functions, classes, interfaces and aliases', () => {
    const facts = tsx('function f<T extends U, V = T>(a: T) {}\nclass A<X> {}\ninterface I<Y = string> {}\ntype T<Z> = Z[];\n');
    expect(definition(facts, 'f').typeParameters?.map((each) => `${each.name} ${showType(facts, each.constraint)} ${showType(facts, each.default)}`)).toEqual(['T U -', 'V - T']);
    expect(['A', 'I', 'T'].map((name) => definition(facts, name).typeParameters?.map((each) => each.name).join())).toEqual(['X', 'Y', 'Z']);
    expect(showType(facts, definition(facts, 'T').type)).toBe('Z[]');
  });

  it('give enum members the type of their enum', () => {
    const facts = ts('enum E { A, B = f(A) }\n');
    expect(members(facts, classOf(facts, 'E'))).toEqual(['static field A: E', 'static field B: E']);
    expect(binding(facts, 'E', 'A')?.kind).toBe('definition');
  });
});
