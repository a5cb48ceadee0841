import { describe, expect, it } from 'vitest';
import { binding, definition, factsOf, functionOf, pathOf, show, showType, values } from './python-facts.js';

describe('the scopes of a Python file', () => {
  it('are the module, functions, lambdas, classes and comprehensions, each within the one around it', () => {
    const facts = factsOf('class A:\n    def m(self):\n        return [x for x in map(lambda y: y, self)]\n');
    expect(facts.scopes.map(({ kind, parent, owner }) => `${kind} in ${parent} of ${pathOf(facts, owner)}`)).toEqual([
      'module in -1 of ', 'class in 0 of A', 'function in 1 of A.m', 'comprehension in 2 of A.m', 'function in 2 of A.m',
    ]);
  });

  it('evaluate the first iterable of a comprehension outside and the others within', () => {
    const facts = factsOf('def f():\n    return {a for b in c if d for e in g}\n');
    const { scope } = functionOf(facts, 'f');
    const scopes = new Map(facts.exprs.flatMap((each) => (each.k === 'name' ? [[each.name, each.scope]] : [])));
    expect(scopes.get('c')).toBe(scope);
    for (const name of ['a', 'd', 'g']) expect(facts.scopes[scopes.get(name) ?? 0]?.kind).toBe('comprehension');
    expect(facts.scopes.find(({ kind }) => kind === 'comprehension')?.bindings.map((each) => each.name)).toEqual(['b', 'e']);
  });

  it('have one of their own for type parameters', () => {
    const facts = factsOf('class A[T: int](B[T]):\n    def m[*S](self, x: T, *y: S): pass\n');
    expect(facts.scopes.map(({ kind, bindings }) => `${kind} ${bindings.map((each) => `${each.name} ${each.kind}`).join(', ')}`)).toEqual([
      'module A definition', 'type T type-parameter', 'class m definition', 'type S type-parameter', 'function self parameter, x parameter, y parameter',
    ]);
    expect(facts.classes[0]?.typeParameters?.map((each) => `${each.name}: ${showType(facts, each.constraint)}`)).toEqual(['T: int']);
  });
});

describe('the bindings of a scope', () => {
  it('hold every value assigned to a name there, wherever', () => {
    const facts = factsOf('def f(a):\n    x = a\n    if a:\n        x = g()\n    for _ in a:\n        x: int = h()\n    x += 1\n');
    expect(values(facts, 'f', 'x')).toEqual(['a', 'g()', 'h()', '<+: x, 1>']);
    expect(showType(facts, binding(facts, 'f', 'x')?.type)).toBe('int');
    expect(binding(facts, '', 'x')).toBeUndefined();
  });

  it('hold values of which nothing is known, but none for a mere declaration', () => {
    const facts = factsOf('def f():\n    x = ...\n    y: int\n    z = yield\n');
    expect(['x', 'y', 'z'].map((name) => binding(facts, 'f', name)?.values)).toEqual([[0], undefined, [0]]);
  });

  it('take destructured values apart', () => {
    const facts = factsOf('a, (b, [c]) = v\nd, *e, f = w\ng = h, i = u\n');
    expect(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => values(facts, '', name).join())).toEqual([
      '<v at 0>', '<<v at 1> at 0>', '<<<v at 1> at 1> at 0>', '<w at 0>', '<w at 1...>', '<each of w>', 'u', '<u at 0>',
    ]);
  });

  it('hold loop variables, managed values, exceptions and walrus targets', () => {
    const facts = factsOf(`
async def f(xs):
    for a, b in xs: pass
    async for c in xs: pass
    with open(xs) as d, xs as (e, g): pass
    async with (xs as h): pass
    try: pass
    except (A, B) as i: pass
    except* C as j: pass
    if (k := g(xs)): pass
    [l := y for y in xs]
    return lambda: (m := 1)
`);
    expect(['a', 'b', 'c', 'd', 'e', 'h', 'i', 'j', 'k', 'l'].map((name) => values(facts, 'f', name).join())).toEqual([
      '<<each of xs> at 0>', '<<each of xs> at 1>', '<async each of xs>', '<enter open(xs)>', '<<enter xs> at 0>', '<async enter xs>', '<instance of <tuple A, B>>', '?', 'g(xs)', 'y',
    ]);
    expect(binding(facts, 'f', 'y')).toBeUndefined();
    expect(binding(facts, 'f', 'm')).toBeUndefined();
  });

  it('take the exception of Python 2 as well', () => {
    expect(values(factsOf('def f():\n    try: pass\n    except E, e: pass\n'), 'f', 'e')).toEqual(['<instance of E>']);
    expect(binding(factsOf('def f():\n    try: pass\n    except E, F: pass\n'), 'f', 'F')).toBeUndefined();
  });

  it('hold what cases capture', () => {
    const facts = factsOf(`
def f(v):
    match v:
        case C(x, y=[a]) as whole: pass
        case [b, *rest, z]: pass
        case {"k": c, **others}: pass
        case D() | E() as either: pass
        case Color.RED | _: pass
        case other: pass
`);
    expect(['x', 'a', 'whole', 'b', 'rest', 'z', 'c', 'others', 'either', 'other'].map((name) => values(facts, 'f', name).join(' | '))).toEqual([
      '?', '<<instance of C>.y at 0>', '<instance of C>', '<v at 0>', '<v at 1...>', '<each of v>', "v['k']", 'v', '<instance of D> | <instance of E>', 'v',
    ]);
    expect(binding(facts, 'f', '_')).toBeUndefined();
    expect(binding(facts, 'f', 'RED')).toBeUndefined();
    expect(facts.exprs.some((each) => each.k === 'member' && each.name === 'RED')).toBe(true);
  });

  it('hold parameters, the first of a method as the instance or class', () => {
    const facts = factsOf('class A:\n    def m(self, a: int = 1, *args: str, **kw): pass\n    @classmethod\n    def c(cls): pass\n    @staticmethod\n    def s(a): pass\n    def __new__(klass): pass\n    def n(*args): pass\n');
    expect(['self', 'a', 'args', 'kw'].map((name) => values(facts, 'A.m', name).join())).toEqual(['<self A>', '<parameter 1>', '<parameter 2>', '<parameter 3>']);
    expect(showType(facts, binding(facts, 'A.m', 'a')?.type)).toBe('int');
    expect(binding(facts, 'A.m', 'args')?.type).toBeUndefined();
    expect(values(facts, 'A.c', 'cls')).toEqual(['<class A>']);
    expect(values(facts, 'A.__new__', 'klass')).toEqual(['<class A>']);
    expect(values(facts, 'A.s', 'a')).toEqual(['<parameter 0>']);
    expect(values(facts, 'A.n', 'args')).toEqual(['<parameter 0>']);
  });

  it('take the tuple parameters of Python 2 apart', () => {
    const facts = factsOf('def f(a, (b, c)): pass\n');
    expect(values(facts, 'f', 'c')).toEqual(['<<parameter 1> at 1>']);
    expect(functionOf(facts, 'f').parameters).toEqual([{ name: 'a' }, {}]);
  });

  it('follow global and nonlocal', () => {
    const facts = factsOf('x = 1\ndef f():\n    global x, n\n    x = 2\n    def n(): pass\n    import m as x\ndef g():\n    y = 1\n    def h():\n        nonlocal y\n        y = 2\n');
    expect(binding(facts, 'f', 'x')?.kind).toBe('global');
    expect(values(facts, 'f', 'x')).toEqual([]);
    expect(values(facts, '', 'x')).toEqual(['1', '2']);
    expect(binding(facts, '', 'x')?.imports).toHaveLength(1);
    expect(binding(facts, '', 'n')?.definitions).toHaveLength(1);
    expect(binding(facts, 'g.h', 'y')?.kind).toBe('nonlocal');
    expect(values(facts, 'g', 'y')).toEqual(['1', '2']);
  });

  it('leave names alone that are deleted', () => {
    const facts = factsOf('x = 1\ndel x, y.z, w[f()]\n');
    expect(values(facts, '', 'x')).toEqual(['1']);
    expect(facts.sites.map((each) => each.name)).toEqual(['f']);
  });

  it('know a name in whatever form its letters are written', () => {
    expect(values(factsOf('ﬁ = 1\nfi = ﬁ\n'), '', 'fi')).toEqual(['1', 'fi']);
  });

  it('survive names that are hostile as keys of objects', () => {
    const facts = factsOf('__proto__ = 1\nconstructor = 2\ndef f(toString):\n    hasOwnProperty = toString\n');
    expect(facts.scopes[0]?.bindings.map((each) => each.name)).toEqual(['__proto__', 'constructor', 'f']);
    expect(values(facts, 'f', 'hasOwnProperty')).toEqual(['toString']);
  });
});

describe('the imports of a Python file', () => {
  const imports = (source: string): string[] => {
    const facts = factsOf(source);
    return facts.imports.map((each) => `${each.kind} ${each.specifier} (${each.names.map(({ imported, local }) => `${imported}>${local}`).join(' ')})${each.star === true ? ' star' : ''}${each.typeOnly === true ? ' type' : ''}`);
  };

  it('are one for each module imported and one for each from-import', () => {
    expect(imports('import a, b.c, d.e as f\nfrom g.h import i as j, k\nfrom . import l\nfrom ..m import (\n    n,\n    o,\n)\nfrom p import *\nfrom __future__ import annotations\n')).toEqual([
      'import a (*>a)', 'import b.c (*>b)', 'import d.e (*>f)', 'from g.h (i>j k>k)', 'from . (l>l)', 'from ..m (n>n o>o)', 'from p () star', 'from __future__ (annotations>annotations)',
    ]);
  });

  it('bind the first component where a dotted module is imported without a name', () => {
    const facts = factsOf('import a.b\nimport a.c as d\nimport e\n');
    expect(['a', 'd', 'e'].map((name) => binding(facts, '', name)?.imports)).toEqual([[{ import: 0, imported: '*', root: true }], [{ import: 1, imported: '*' }], [{ import: 2, imported: '*' }]]);
  });

  it('are all bound to a name that several give, as alternatives do', () => {
    const facts = factsOf('try:\n    from a import x\nexcept ImportError:\n    from b import y as x\n');
    expect(binding(facts, '', 'x')?.imports).toEqual([{ import: 0, imported: 'x' }, { import: 1, imported: 'y' }]);
  });

  it('are for types only under TYPE_CHECKING', () => {
    expect(imports('import typing as t\nif TYPE_CHECKING:\n    import a\nif t.TYPE_CHECKING:\n    from b import c\nelse:\n    import d\nif o.TYPE_CHECKING:\n    import e\n')).toEqual([
      'import typing (*>t)', 'import a (*>a) type', 'from b (c>c) type', 'import d (*>d)', 'import e (*>e)',
    ]);
  });

  it('belong to the function and scope they stand in', () => {
    const facts = factsOf('class A:\n    def m(self):\n        import a\n');
    expect(facts.imports[0]).toMatchObject({ scope: functionOf(facts, 'A.m').scope, owner: facts.definitions.indexOf(definition(facts, 'A.m')), line: 3, column: 16 });
  });

  it('include modules imported by call with a constant name', () => {
    const facts = factsOf('import importlib\nfrom importlib import import_module as im, import_module\na = importlib.import_module("x.y")\nb = import_module("z")\nc = __import__("p.q")\nd = importlib.import_module(name)\ne = other.import_module("n")\nf = import_module(".rel", __package__)\ng = import_module(".rel", "pkg")\n');
    expect(facts.imports.filter((each) => each.kind === 'dynamic').map((each) => each.specifier)).toEqual(['x.y', 'z', 'p', '.rel']);
    expect(['a', 'c', 'd', 'e', 'g'].map((name) => values(facts, '', name)[0])).toEqual(['<module x.y>', '<module p>', 'importlib.import_module(name)', "other.import_module('n')", "import_module('.rel', 'pkg')"]);
    expect(facts.sites).toHaveLength(7);
  });

  it('make the file a module, whatever else it holds', () => {
    expect(factsOf('').moduleKind).toBe('module');
    expect(factsOf('').lines).toBe(0);
    expect(show(factsOf(''), 0)).toBe('?');
  });
});
