import { describe, expect, it } from 'vitest';
import { assignments, binding, calls, definition, definitions, exports, imports, js, show, ts, values } from './ecmascript-facts.js';

describe('the imports of an ECMAScript file', () => {
  it('are of every form', () => {
    const facts = ts(`
import 'side';
import a, * as b from 'b';
import c, { d, e as f, default as g, "h i" as j } from 'c';
import type { K } from 'k';
import { type L } from 'l';
import { type M, n } from 'm';
import o = require('o');
export { p } from 'p';
`);
    expect(imports(facts)).toEqual([
      'import side {}', 'import b {default as a, * as b}', 'import c {default as c, d, e as f, default as g, h i as j}', 'import k {K} type', 'import l {L} type', 'import m {M, n}',
      'equals o {* as o}', 'export p {p as }',
    ]);
    expect(binding(facts, '', 'f')).toMatchObject({ kind: 'import', imports: [{ import: 2, imported: 'e' }], constant: true });
    expect(facts.moduleKind).toBe('module');
  });

  it('bind what require and awaited import give', () => {
    const facts = js("const a = require('a'), { b, c: d, e = 1, f: { g }, ...h } = require('b');\nconst i = require(`i`).j;\nconst { k } = await import('k');\nrequire('l');\nconst m = require('m')(a);\nlet n = (await import('n')).default;\n");
    expect(imports(facts)).toEqual(['require a {* as a}', 'require b {b, c as d}', 'require i {j as i}', 'dynamic k {k}', 'require l {}', 'require m {* as }', 'dynamic n {default as n}']);
    expect(binding(facts, '', 'd')).toMatchObject({ kind: 'import', imports: [{ import: 1, imported: 'c' }] });
    expect(['e', 'g', 'h', 'm'].map((name) => values(facts, '', name).join())).toEqual(['<<module b>.e | 1>', '<module b>.f.g', '{...<module b>}', '<module m>(a)']);
    expect(definitions(facts)).toEqual(['variable e', 'variable g', 'variable h', 'variable m']);
  });

  it('count require as a call whose value is the module, and import() as no call', () => {
    const facts = js("use(require('a'));\nimport('b').then(f);\n");
    expect(calls(facts)).toEqual(['use(<module a>)', "require('a')", '<module b>.then(f)']);
    expect(facts.moduleKind).toBe('commonjs');
  });

  it('take computed specifiers for no import', () => {
    const facts = js("require('a' + b);\nimport(c);\nrequire(`d${e}`);\n");
    expect(imports(facts)).toEqual([]);
    expect(facts.sites.map(({ name }) => name)).toEqual(['require', 'require']);
  });

  it('know calls that name a module without giving it', () => {
    expect(imports(ts("jest.mock('./a');\nvi.mock(`./b`, () => ({}));\nrequire.resolve('./c');\nother.mock('./d');\n"))).toEqual(['reference ./a {}', 'reference ./b {}', 'reference ./c {}']);
  });

  it('are import types', () => {
    expect(imports(ts("let a: import('a').B.C;\nlet b: typeof import('b');\n"))).toEqual(['type a {B as } type', 'type b {* as } type']);
  });

  it('give another name to part of a namespace', () => {
    const facts = ts('import A = B.C;\nexport import D = E.F.G;\n');
    expect([values(facts, '', 'A'), values(facts, '', 'D')]).toEqual([['B.C'], ['E.F.G']]);
    expect(exports(facts)).toEqual(['D = D']);
  });

  it('leave names alone that are not CommonJS\'s own', () => {
    const facts = js("(function (module, exports, require) { exports.a = 1; module.exports = 2; require('x'); })();\nfunction f() { const exports = {}; exports.b = 1; }\nexports.c = 1;\n");
    expect(imports(facts)).toEqual([]);
    expect(exports(facts)).toEqual(['c = 1 commonjs']);
  });

  it('take a made require for require', () => {
    expect(imports(js("import { createRequire } from 'module';\nconst require = createRequire(import.meta.url);\nconst a = require('a');\n"))).toEqual(['import module {createRequire}', 'require a {* as a}']);
  });
});

describe('the exports of an ECMAScript file', () => {
  it('are declarations, lists, renamings and re-exports', () => {
    const facts = ts(`
export const a = 1, { b, c: [d] } = e;
export function f(): void;
export function f() {}
export class G {}
export interface H {}
export type I = string;
export enum J {}
export namespace K {}
export declare const L: string;
const m = 1, n = 2;
export { m, n as o, type H as P };
export * from 'q';
export * as r from 's';
export { default as t, u, type v } from 'w';
export type { x } from 'y';
export type * from 'yy';
export { m as "z z" };
`);
    expect(exports(facts)).toEqual([
      'a = a', 'b = b', 'd = d', 'f = f', 'G = G', 'H = H', 'I = I', 'J = J', 'K = K', 'L = L', 'm = m', 'o = n', 'P = H type', '* of q', 'r = * of s', 't = default of w', 'u = u of w',
      'v = v of w type', 'x = x of y type', '* of yy type', 'z z = m',
    ]);
    expect(['a', 'd', 'G', 'L', 'm', 'n'].map((name) => definition(facts, name).exported)).toEqual([true, true, true, true, true, true]);
  });

  it('are default exports', () => {
    expect(exports(ts('export default class A {}\n'))).toEqual(['default = A']);
    expect(exports(ts('function f() {}\nexport default f;\n'))).toEqual(['default = f']);
    expect(exports(ts('export default () => 1;\n'))).toEqual(['default = <function default> defines default']);
    expect(exports(ts('export default { a: 1 };\n'))).toEqual(['default = {a: 1}']);
    expect(exports(ts('export default wrap(f);\n'))).toEqual(['default = wrap(f)']);
  });

  it('are export assignments, and not the global name of a UMD module', () => {
    expect(exports(ts('export = foo;\nexport as namespace Foo;\n'))).toEqual(['module = foo']);
  });

  it('are members given to the CommonJS export object', () => {
    const facts = js(`
exports.a = 1;
module.exports.b = function () {};
exports['c'] = class {};
exports.d = exports.e = f;
exports.__esModule = true;
exports.g = void 0;
Object.defineProperty(exports, 'h', { enumerable: true, get: function () { return i.j; } });
Object.defineProperty(module.exports, 'k', { value: l });
Object.assign(module.exports, { m, n() {} }, require('./o'));
exports.p = require('./p');
`);
    expect(exports(facts)).toEqual([
      'a = 1 commonjs', 'b = <function b> commonjs defines b', 'c = <class c> commonjs defines c', 'e = f commonjs', 'd = f commonjs', 'h = <function get>() commonjs defines get', 'k = l commonjs',
      'm = m commonjs', 'n = <function n> commonjs defines n', '* of ./o', 'p = <module ./p> commonjs',
    ]);
    expect(definitions(facts)).toEqual(['function b exported', 'class c exported', 'method get exported', 'method n exported']);
  });

  it('are the module as a whole', () => {
    expect(exports(js('exports = module.exports = create;\nfunction create() {}\nexports.a = b;\n'))).toEqual(['module = create', 'a = b commonjs']);
    expect(exports(js("module.exports = require('./x');\n"))).toEqual(['module = <module ./x>']);
    expect(exports(js("module.exports = { a, b() {}, ...require('./c') };\n"))).toEqual(['module = {a: a, b: <function b>, ...<module ./c>}']);
    const facts = js('var app = exports = module.exports = {};\napp.a = function () {};\n');
    expect([exports(facts), values(facts, '', 'app')]).toEqual([['module = {}'], ['{}']]);
    expect(definition(js('exports = module.exports = create;\nfunction create() {}\n'), 'create').exported).toBe(true);
  });

  it('make no exports of properties defined on other objects', () => {
    const facts = js("Object.defineProperty(C.prototype, 'x', { get: function () { return this.y; } });\n");
    expect([exports(facts), assignments(facts)]).toEqual([[], ['C.prototype.x = <function get>() defines get']]);
    expect(facts.moduleKind).toBe('script');
  });

  it('record every assignment to a member', () => {
    const facts = ts("class A { m() { this.a = 1; this['b'] = 2; this.c.d ||= e; } static s() { this.f = 1; } }\nA.g = 1;\nA.prototype.h = i;\nfor (o.p of q) {}\no[k] = 1;\n");
    expect(assignments(facts)).toEqual(['<this A>.a = 1 in A', '<this A>.b = 2 in A', '<this A>.c.d = e', '<this static A>.f = 1 in static A', 'A.g = 1', 'A.prototype.h = i', 'o.p = <each of q>']);
    expect(show(facts, facts.assignments[0]?.target)).toBe('<this A>');
  });
});
