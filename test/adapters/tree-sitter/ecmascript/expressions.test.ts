import { describe, expect, it } from 'vitest';
import { calls, classOf, definition, functionOf, js, pathOf, references, show, showType, site, ts, tsx, values } from './ecmascript-facts.js';

/** The value of `x` in `const x = …`. */
const valueOf = (source: string, read = ts): string => values(read(`const x = ${source};\n`), '', 'x').join();

describe('the expressions of an ECMAScript file', () => {
  it('are literals, arrays and objects', () => {
    expect(["'a\\n\\u0041'", '`t`', '1', '2n', 'true', 'null', 'undefined', '/r/g', '[1, ...a]', "{ a: 1, 'b-c': d, [e]: f, g, ...h, ['i']: 1 }"].map((each) => valueOf(each))).toEqual([
      "'a\nA'", "'t'", '1', '2n', 'true', '<null>', '<undefined>', '<regexp>', '[1, <each of a>]', "{a: 1, b-c: d, g: g, i: 1, ...h, [?]: f}",
    ]);
  });

  it('see through parentheses, non-null, satisfies, as const, comma and assignment', () => {
    expect(['(a)', 'a!', 'a satisfies T', 'a as const', '(b, a)', '(b = a)', '((a as const)!)'].map((each) => valueOf(each))).toEqual(['a', 'a', 'a', 'a', 'a', 'a', 'a']);
    expect(valueOf('a as T')).toBe('<a as T>');
    expect(valueOf('<T>a')).toBe('<a as T>');
    expect(valueOf('<const>a')).toBe('a');
  });

  it('are members, optional chains and indexes', () => {
    expect(['a.b', 'a?.b.c', "a['b']", 'a[0]', 'a?.[k]', 'a?.()', 'a.#b', 'import.meta.url'].map((each) => valueOf(each))).toEqual(['a.b', 'a.b.c', 'a.b', 'a[0]', 'a[k]', 'a()', 'a.#b', '?.url']);
  });

  it('are unions of what may come out of choices', () => {
    expect(['a ? b : c', 'a || b', 'a && b', 'a ?? b ?? c'].map((each) => valueOf(each))).toEqual(['<b | c>', '<a | b>', '<a | b>', '<<a | b> | c>']);
  });

  it('are operators where the result is a primitive', () => {
    expect(['!a', 'typeof a', '`a${b}`', 'a === b', 'a + b', '-a', 'a++'].map((each) => valueOf(each))).toEqual(['<!: >', '<typeof: >', '<`: >', '<===: a, b>', '<+: a, b>', '<-: a>', '<number>']);
  });

  it('are calls, constructions and awaited values, with type arguments and spreads', () => {
    expect(['f(a, ...b, c)', 'new C', 'new C<T>(a)', 'f<T>()', 'await f()', 'f`a${b}`', '(() => 1)()'].map((each) => valueOf(each))).toEqual([
      'f(a, ...<each of b>, c)', 'new C()', 'new C<T>(a)', 'f<T>()', 'await f()', 'f(?, b)', '<function >()',
    ]);
  });

  it('know this and super', () => {
    const facts = ts(`
class A extends B {
  a = this.x;
  static b = this.y;
  m() { super.n(); return () => this.z; }
  static s() { super.t(); return this; }
  static { this.u(); }
  o() { return { p() { return this; } }; }
}
function f() { return this; }
const g = () => this;
`);
    const of = (path: string): string => functionOf(facts, path).returns.map((each) => show(facts, each)).join();
    expect(classOf(facts, 'A').members.slice(0, 2).map((each) => show(facts, each.values?.[0]))).toEqual(['<this A>.x', '<this static A>.y']);
    expect(calls(facts)).toEqual(['A.m: <super A>.n()', 'A.s: <super static A>.t()', 'A: <this static A>.u()']);
    expect([of('A.s'), of('A.o.p'), of('f'), of('g')]).toEqual(['<this static A>', '<this of A.o.p>', '<this of f>', '<this>']);
  });

  it('give functions what they return and yield', () => {
    const facts = ts('const a = (b) => b.c;\nfunction* d() { yield 1; yield* e; return f; }\nasync function g() { if (h) return 1; return; }\n');
    expect(functionOf(facts, 'a').returns.map((each) => show(facts, each))).toEqual(['b.c']);
    expect(functionOf(facts, 'd').yields?.map((each) => show(facts, each))).toEqual(['1', '<each of e>']);
    expect(functionOf(facts, 'd')).toMatchObject({ generator: true });
    expect(functionOf(facts, 'g')).toMatchObject({ async: true, returns: [expect.any(Number)] });
  });

  it('tell an anonymous function where it stands', () => {
    const facts = ts('run(a, (x) => x);\nnew P(function () {});\nconst h: Handler = (y) => y;\nfunction f(cb: Cb = () => {}): Ret { return () => 1; }\nconst s = (() => 1) satisfies Sat;\n');
    expect(facts.functions.map((each) => {
      if (each.context === undefined) return '-';
      return 'call' in each.context ? `${show(facts, each.context.call)} ${each.context.argument}` : showType(facts, each.context.type);
    })).toEqual(['run(a, <function >) 1', 'new P(<function >) 0', 'Handler', '-', 'Cb', 'Ret', 'Sat']);
  });
});

describe('the call sites of an ECMAScript file', () => {
  it('are calls, constructions, tags and super calls, each in source order at its last name', () => {
    const facts = ts('class A extends B { constructor() { super(1); } }\na(b(), c.d(e).f());\nnew A;\nnew n.C(g());\nt`x`;\no?.p?.();\nq()();\n(function () { r(); })();\nh["i"]();\n');
    expect(facts.sites.map(({ via, name, at }) => `${via} ${name} ${at.line}:${at.column}`)).toEqual([
      'super super 1:37', 'call a 2:1', 'call b 2:3', 'call d 2:10', 'call f 2:15', 'new A 3:5', 'new C 4:7', 'call g 4:9', 'tag t 5:1', 'call p 6:4', 'call q 7:1', 'call  7:1', 'call  8:1', 'call r 8:16', 'call i 9:3',
    ]);
    expect(show(facts, site(facts, 'super').expr)).toBe('<super A>(1)');
  });

  it('are decorators, with or without a call', () => {
    const facts = ts('@a\n@b.c(x)\nexport class D { @e f = 1; @g() h(@i j: string, @k(l) m) {} @n get o() { return 1; } constructor(@p() private q: Q) {} }\n');
    expect(calls(facts)).toEqual(['D: decorator a()', 'D: decorator b.c(x)', 'D: decorator e()', 'D.h: decorator g()', 'D.h: decorator i()', 'D.h: decorator k(l)', 'D.o: decorator n()', 'D.constructor: decorator p()']);
    expect(definition(facts, 'D').decorators?.map((each) => show(facts, each))).toEqual(['a', 'b.c(x)']);
    expect(definition(facts, 'D.f').decorators?.map((each) => show(facts, each))).toEqual(['e']);
    expect(functionOf(facts, 'D.h').parameters.map(({ decorators }) => decorators?.map((each) => show(facts, each)))).toEqual([['i'], ['k(l)']]);
  });

  it('read decorators of JavaScript classes alike', () => {
    expect(calls(js('@a class B { @c d = 1; @e() f() {} }\n'))).toEqual(['B: decorator a()', 'B: decorator c()', 'B.f: decorator e()']);
  });

  it('are JSX elements of components, not intrinsic ones', () => {
    const facts = tsx('const App = () => <Foo a="1" b={c} {...d}><div onClick={e}>{f()}<ns.Bar /></div><></><my-tag /></Foo>;\n');
    expect(calls(facts)).toEqual(["App: jsx Foo({a: '1', b: c, ...d})", 'App: f()', 'App: jsx ns.Bar({})']);
    expect(facts.sites.map(({ name }) => name)).toEqual(['Foo', 'f', 'Bar']);
    expect(calls(js('const a = <Foo x={<Bar/>}/>;\n'))).toEqual(['jsx Foo({x: ?})', 'jsx Bar({})']);
  });
});

describe('the references of an ECMAScript file', () => {
  it('are names and members used as values, without parameters and plain locals', () => {
    const facts = js("import imp from 'x';\nfunction f(p) { const l = 1; const g = () => 1; run(p, l, g, imp, f, unknown); return { f, a: imp.b }; }\nclass A extends f {}\nx = f;\n");
    expect(references(facts)).toEqual(['f: g', 'f: imp', 'f: f', 'f: unknown', 'f: f', 'f: imp', 'f: imp.b', 'A: f', 'f']);
  });

  it('name the object of a chain when it is a definition or import, and every member read', () => {
    const facts = ts("import * as ns from 'n';\nenum E { A }\nfunction f(p) { ns.g(); E.A; p.q.r(); console.log(p.s); return p.t; }\n");
    expect(references(facts)).toEqual(['f: ns', 'f: E', 'f: E.A', 'f: p.q', 'f: p.s', 'f: p.t']);
  });

  it('are functions handed to JSX and decorators', () => {
    expect(references(tsx('function h() {}\n@dec(h) class A {}\nconst a = <div x={h}>{h}</div>;\n'))).toEqual(['A: h', 'h', 'h']);
  });

  it('stand where the last name stands', () => {
    const facts = js('run(a.\n  b);\n');
    expect(facts.references.map(({ at, expr }) => `${show(facts, expr)} ${at.line}:${at.column}`)).toEqual(['a.b 2:3']);
  });
});

describe('large and long code', () => {
  it('reads chains of thousands of operators', () => {
    const facts = js(`const x = ${Array.from({ length: 900 }, (_, i) => `f${i}()`).join(' + ')};\nconst y = ${Array.from({ length: 900 }, (_, i) => `g${i}()`).join(' || ')};\n`);
    expect(facts.sites).toHaveLength(1800);
    expect(pathOf(facts, 0)).toBe('x');
    expect(facts.diagnostics).toEqual([]);
  });
});
