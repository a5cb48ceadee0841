import { describe, expect, it } from 'vitest';
import { binding, functionOf, js, narrowed, pathOf, scopes, show, showType, site, ts, values } from './ecmascript-facts.js';

describe('the scopes of an ECMAScript file', () => {
  it('hoist var to the function, and keep let, const and class in their block', () => {
    expect(scopes(js('function f(a) { if (a) { var b; let c; const d = 1; class E {} } for (var g = 0, h;;) {} for (let i = 0;;) {} for (const j of a) {} }\n'))).toEqual([
      'module of file: f', 'function of f: a, b, g, h', 'block of f: c, d, E', 'class of f.E: ', 'block of f: i', 'block of f: j',
    ]);
  });

  it('put functions into their block, and in sloppy scripts into the function too', () => {
    expect(scopes(js('function f() { { function g() {} } }\n'))[1]).toBe('function of f: g');
    expect(scopes(js("import 'x';\nfunction f() { { function g() {} } }\n"))).toEqual(['module of file: f', 'function of f: ', 'block of f: g', 'function of f.g: ']);
  });

  it('hold parameters and body of a function, catch parameters, and a function expression\'s own name', () => {
    const facts = js('run(function own({ a }, [b] = [], ...c) { var d; try {} catch ({ message }) {} catch2: {} });\n');
    expect(scopes(facts)).toEqual(['module of file: ', 'block of file: own', 'function of own: a, b, c, d', 'block of own: message']);
  });

  it('hold type parameters, namespaces with what they show, and switch bodies', () => {
    const facts = ts('class A<T> { m<U>(u: U) {} }\nnamespace N { export const a = 1; const b = 2; const c = 3; export { c }; }\nswitch (x) { case 1: let d; }\n');
    expect(scopes(facts)).toEqual(['module of file: A, N', 'type of A: T', 'class of A: ', 'type of A.m: U', 'function of A.m: u', 'namespace of N: a, b, c', 'block of file: d']);
    expect(['a', 'b', 'c'].map((name) => binding(facts, 'N', name)?.exported)).toEqual([true, undefined, true]);
  });

  it('belong to the innermost named definition; arrows and anonymous functions change nothing', () => {
    const facts = ts('function f() { g(() => h(function () { i(); })); }\nclass A { x = j(() => k()); static { l(); } y = new Set([j2()]); }\nconst o = { m() { n(); } };\nq();\n');
    expect(['g', 'h', 'i', 'j', 'k', 'l', 'n', 'q'].map((name) => `${name} ${pathOf(facts, site(facts, name).owner)}`)).toEqual(['g f', 'h f', 'i f', 'j A', 'k A.x', 'l A', 'n o.m', 'q ']);
  });

  it('read a condition\'s narrowing as a scope of its own', () => {
    const facts = ts(`
function f(x: unknown, y: unknown) {
  if (x instanceof A) { x.a(); } else if (y instanceof B && y.b()) { y.c(); }
  const z = x instanceof C ? x.d() : x;
  if (!(x instanceof D || x instanceof E)) return;
  x.e();
}
`);
    expect(narrowed(facts)).toEqual(['x: <instance of A>', 'y: <instance of B>', 'y: <instance of B>', 'x: <instance of C>', 'x: <instance of D> | <instance of E>']);
    const narrow = (name: string): string => {
      const expr = facts.exprs[site(facts, name).expr];
      const callee = expr?.k === 'call' ? facts.exprs[expr.callee] : undefined;
      const root = callee?.k === 'member' ? facts.exprs[callee.object] : undefined;
      return root?.k === 'name' ? (facts.scopes[root.scope]?.kind ?? '') : '';
    };
    expect(['a', 'b', 'c', 'd', 'e'].map(narrow)).toEqual(['narrow', 'narrow', 'narrow', 'narrow', 'narrow']);
  });

  it('do not narrow where nothing is certain', () => {
    expect(narrowed(js('if (!(x instanceof A)) x.a();\nif (x instanceof A || y) x.b();\nif (!(x instanceof A)) { log(); }\nx.c();\nif (this.x instanceof A) this.x.d();\n'))).toEqual([]);
    const facts = js('for (const e of es) { if (!(e instanceof A)) continue; const late = e.go(); function h() { return late; } }\n');
    expect(narrowed(facts)).toEqual(['e: <instance of A>']);
    // What the rest of the block declares belongs to the block.
    expect(scopes(facts)).toEqual(['module of file: h', 'block of file: e', 'block of file: late, h', 'narrow of file: e', 'function of h: ']);
  });

  it('narrow by assertion calls and loops', () => {
    expect(narrowed(js('assert(x instanceof A);\nx.a();\nwhile (y instanceof B) y = y.b();\n'))).toEqual(['x: <instance of A>', 'y: <instance of B> | y.b()']);
  });
});

describe('the bindings of a scope', () => {
  it('hold every value assigned to a name, wherever', () => {
    const facts = js('let a = 1;\nfunction f(p) { a = g(); p = 2; var b; b ||= p; b += 1; b++; }\na = a.b;\n');
    expect(values(facts, '', 'a')).toEqual(['1', 'g()', 'a.b']);
    expect(values(facts, 'f', 'p')).toEqual(['<parameter 0>', '2']);
    expect(values(facts, 'f', 'b')).toEqual(['p', '<+: b, 1>', '<number>']);
  });

  it('say what is never reassigned', () => {
    const facts = ts('const a = 1; let b = 2; let c = 3; c = 4; var d; function f(e, g) { g = 1; }\n');
    expect(['a', 'b', 'c', 'd', 'f'].map((name) => binding(facts, '', name)?.constant)).toEqual([true, true, undefined, true, true]);
    expect(['e', 'g'].map((name) => binding(facts, 'f', name)?.constant)).toEqual([true, undefined]);
  });

  it('take destructured values apart', () => {
    const facts = js('const { a, b: c, d = 1, e: { f }, ...g } = v;\nconst [h, , i = 2, ...j] = w;\nlet k, l;\n({ k, m: l } = u);\n[k, l.x] = t;\n');
    expect(['a', 'c', 'd', 'f', 'g', 'h', 'i', 'j', 'k', 'l'].map((name) => values(facts, '', name).join())).toEqual([
      'v.a', 'v.b', '<v.d | 1>', 'v.e.f', 'v', '<w at 0>', '<<w at 2> | 2>', '<w at 3...>', 'u.k,<t at 0>', 'u.m',
    ]);
    expect(facts.assignments.map((each) => `${show(facts, each.target)}.${each.name} = ${show(facts, each.value)}`)).toEqual(['l.x = <t at 1>']);
  });

  it('hold loop variables and caught errors', () => {
    const facts = ts('function f() { for (var a of xs) {} for (var b in xs) {} for (var [c, d] of xs) {} try {} catch (e: unknown) {} }\nasync function g() { for await (var h of xs) {} }\n');
    expect(['a', 'b', 'c', 'd'].map((name) => values(facts, 'f', name).join())).toEqual(['<each of xs>', '<string>', '<<each of xs> at 0>', '<<each of xs> at 1>']);
    expect(values(facts, 'g', 'h')).toEqual(['<async each of xs>']);
    const caught = facts.scopes.flatMap((scope) => scope.bindings).find(({ name }) => name === 'e');
    expect([caught?.values, showType(facts, caught?.type)]).toEqual([undefined, 'unknown']);
  });

  it('are parameters with their value and type, patterns taken apart', () => {
    const facts = ts('function f(a: A, { b, c = 1 }: P, ...d: D[]) {}\n');
    expect(binding(facts, 'f', 'a')).toMatchObject({ kind: 'parameter' });
    expect(['a', 'b', 'c', 'd'].map((name) => `${values(facts, 'f', name).join()} ${showType(facts, binding(facts, 'f', name)?.type)}`)).toEqual([
      '<parameter 0> A', '<parameter 1>.b -', '<<parameter 1>.c | 1> -', '<parameter 2> D[]',
    ]);
    expect(functionOf(facts, 'f').parameters.map(({ name, form }) => [name, form])).toEqual([['a', undefined], [undefined, undefined], ['d', 'rest']]);
  });

  it('merge declarations of one name', () => {
    const facts = ts('interface A { a: string }\ninterface A { b: string }\nfunction A() {}\nnamespace A {}\n');
    expect(binding(facts, '', 'A')?.definitions).toEqual([0, 2, 4, 5]);
  });

  it('hold the name of a class or function expression inside it', () => {
    const facts = ts('const a = class B { m() { return B; } };\nconst c = function d() { return d; };\n');
    expect(binding(facts, 'a', 'B')?.definitions).toEqual([0]);
    expect(facts.scopes.flatMap((scope) => scope.bindings).find(({ name }) => name === 'd')?.definitions?.map((index) => pathOf(facts, index))).toEqual(['c']);
  });
});
