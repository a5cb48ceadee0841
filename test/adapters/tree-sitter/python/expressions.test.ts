import { describe, expect, it } from 'vitest';
import { binding, calls, classOf, definition, factsOf, functionOf, pathOf, show, showType, site, values } from './python-facts.js';

/** The value of an expression at module level. */
const valueOf = (expression: string): string | undefined => values(factsOf(`v = ${expression}\n`), '', 'v')[0];

describe('the shape of an expression', () => {
  it.each([
    ['a', 'a'],
    ['a.b.c', 'a.b.c'],
    ['(a)', 'a'],
    ['f(a, *b, k=c, **d)', 'f(a, *<each of b>, k=c)'],
    ['f(x for x in y)', 'f(<generator x>)'],
    ['a[0]', 'a[0]'],
    ['a["k"]', "a['k']"],
    ['a[b, c]', 'a[<tuple b, c>]'],
    ['a[-1]', 'a[-1]'],
    ['a[1:]', '<[:]: a>'],
    ['a if b else c', '<a | c>'],
    ['a or b and c', '<a | <b | c>>'],
    ['not a', '<not: a>'],
    ['a is not b', '<is not: a, b>'],
    ['a not in b', '<not in: a, b>'],
    ['a < b <= c', '<<: a, b, c>'],
    ['a + b', '<+: a, b>'],
    ['-a', '<-: a>'],
    ['"x"', "'x'"],
    ['"x" "y"', "'xy'"],
    ['b"x"', "b'x'"],
    ['f"x{a}"', '<string>'],
    ['"a\\n"', '<string>'],
    ['12', '12'],
    ['123456', '<number>'],
    ['1.5', '<number>'],
    ['True', 'True'],
    ['None', '<null>'],
    ['...', '?'],
    ['[a, *b]', '<list a, <each of b>>'],
    ['[*f(a), *b.c, *d[0], *e.g()]', '<list <each of f(a)>, <each of b.c>, <each of d[0]>, <each of e.g()>>'],
    ['*f(a), b', '<tuple <each of f(a)>, b>'],
    ['f(*g(a))', 'f(*<each of g(a)>)'],
    ['(a,)', '<tuple a>'],
    ['a, b', '<tuple a, b>'],
    ['{a}', '<set a>'],
    ['{"k": a, b: c, **d}', '<dict k: a, **d, ?: c>'],
    ['{}', '<dict >'],
    ['[a for b in c]', '<list a>'],
    ['{a for b in c}', '<set a>'],
    ['(a for b in c)', '<generator a>'],
    ['{a: b for c in d}', '<dict ?: b>'],
    ['lambda x: x', '<function v>'],
    ['(w := a)', 'a'],
  ])('%s', (source, shape) => {
    expect(valueOf(source)).toBe(shape);
  });

  it('of a long text is only its type', () => {
    expect(valueOf(`"${'x'.repeat(200)}"`)).toBe('<string>');
  });

  it('follows await and names the parameters of a lambda', () => {
    const facts = factsOf('async def f(g):\n    a = await g()\n    b = map(lambda x, y: x, a)\n');
    expect(values(facts, 'f', 'a')).toEqual(['await g()']);
    const [, lambda] = facts.functions;
    expect(facts.scopes[lambda?.scope ?? 0]?.bindings.map((each) => show(facts, each.values?.[0]))).toEqual(['<parameter 0>', '<parameter 1>']);
    expect(lambda?.context).toEqual({ call: site(facts, 'map').expr, argument: 0 });
    expect(lambda?.definition).toBe(-1);
  });

  it('of a super call is what lies above the class, in nested functions and with arguments too', () => {
    const facts = factsOf(`
class A(B):
    def m(self):
        a = super()
        b = super(A, self)
        def inner():
            c = super()
        d = super(Other, self)
    @classmethod
    def k(cls):
        e = super()
    def __new__(cls):
        f = super(A, cls)
def g():
    h = super()
`);
    expect([values(facts, 'A.m', 'a'), values(facts, 'A.m', 'b'), values(facts, 'A.m.inner', 'c'), values(facts, 'A.m', 'd'), values(facts, 'A.k', 'e'), values(facts, 'A.__new__', 'f'), values(facts, 'g', 'h')]).toEqual([
      ['<super A>'], ['<super A>'], ['<super A>'], ['super(Other, self)'], ['<super class A>'], ['<super class A>'], ['super()'],
    ]);
    expect(facts.sites.filter((each) => each.name === 'super')).toHaveLength(7);
  });

  it('of a cast has the type, where cast is that of typing', () => {
    const facts = factsOf('from typing import cast\nimport typing as t\na = cast("list[A]", x)\nb = t.cast(A, y)\n');
    expect([values(facts, '', 'a'), values(facts, '', 'b')]).toEqual([['<x as list[A]>'], ['<y as A>']]);
    expect(values(factsOf('a = cast(A, x)\n'), '', 'a')).toEqual(['cast(A, x)']);
  });
});

describe('the call sites of a Python file', () => {
  it('are every call in source order, with the innermost named definition around it', () => {
    expect(calls(factsOf(`
a(b(), key=c())
class A(base(), metaclass=meta()):
    x = d()
    def m(self, y=e()) -> ret():
        f().g(h())
        def inner(): i()
        return [j() for k in l() if (lambda: n())()]
    o = lambda self: p()
@q
@r(s())
def t(): pass
if u(): print(v())
`))).toEqual([
      'a(b(), key=c())', 'b()', 'c()', 'base()', 'meta()', 'A: d()', 'A: e()', 'A: ret()', 'A.m: f()', 'A.m: f().g(h())', 'A.m: h()', 'A.m.inner: i()', 'A.m: j()', 'A.m: l()',
      'A.m: <function >()', 'A.m: n()', 'A.o: p()', '@ q(r(s())(<function t>))', '@ r(s())', 's()', 'u()', 'print(v())', 'v()',
    ]);
  });

  it('stand where the name called stands', () => {
    const facts = factsOf('a.b\\\n  .c(1)\nd()(2)\n');
    expect(facts.sites.map(({ name, at }) => `${name} ${at.line}:${at.column}`)).toEqual(['c 2:4', 'd 3:1', ' 3:1']);
  });

  it('keep their order and their calls where a callee has no name', () => {
    const facts = factsOf('f(g())(h())\n');
    expect(facts.sites.map((each) => show(facts, each.expr))).toEqual(['f(g())', 'f(g())(h())', 'g()', 'h()']);
  });

  it('are one for each decorator; a bare one is applied to what it decorates', () => {
    const facts = factsOf('@a.b\nclass A:\n    @c\n    @d(1)\n    def m(self): pass\n@e[0]\ndef f(): pass\n');
    expect(facts.sites.map((each) => `${each.via} ${each.name}: ${show(facts, each.expr)}`)).toEqual(['decorator b: a.b(<class A>)', 'decorator c: c(d(1)(<function A.m>))', 'decorator d: d(1)', 'decorator : e[0](<function f>)']);
    expect(definition(facts, 'A.m').decorators?.map((each) => show(facts, each))).toEqual(['c', 'd(1)']);
    expect(classOf(facts, 'A').decorators?.map((each) => show(facts, each))).toEqual(['a.b']);
  });

  it('are found in the statements of Python 2', () => {
    expect(calls(factsOf('print f(1), g(2)\nprint >>h(), "x"\nexec code in i()\nraise E, j()\n'))).toEqual(['f(1)', 'g(2)', 'h()', 'i()', 'j()']);
  });

  it('are found in every corner', () => {
    const names = factsOf(`
assert a(), b()
raise c() from d()
del e().f
f"{g()!r:>{h()}}"
with i() as j().k: pass
while l(): pass
for m().n in o(): pass
else: p()
try: q()
except r(): s()
else: t()
finally: u()
match v():
    case w.x if y(): z()
x: Annotated[int, aa()] = bb()
cc()[dd()] += ee()
ff()[gg():hh()]
return_ = [*ii()], {**jj()}, not kk(), -ll(), (yield mm())
async def nn():
    await oo()
    async for pp in qq(): pass
`).sites.map((each) => each.name);
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e', 'g', 'h', 'i', 'j', 'l', 'm', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'y', 'z', 'aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'gg', 'hh', 'ii', 'jj', 'kk', 'll', 'mm', 'oo', 'qq']);
  });
});

describe('the assignments to members', () => {
  it('are all of them, with the value and the object', () => {
    const facts = factsOf(`
def f(obj, v):
    obj.a = v
    obj.b.c: int
    K.d = e = v
    obj.g += v
    setattr(obj, 'h', v)
    setattr(obj, v, v)
    for obj.i in v: pass
`);
    expect(facts.assignments.map((each) => `${show(facts, each.target)}.${each.name} = ${each.value === undefined ? '' : show(facts, each.value)}${each.type === undefined ? '' : ` as ${showType(facts, each.type)}`}`)).toEqual([
      'obj.a = v', 'obj.b.c =  as int', 'K.d = v', 'obj.g = <+: obj.g, v>', 'obj.h = v', 'obj.i = <each of v>',
    ]);
    expect(facts.assignments.every((each) => pathOf(facts, each.owner) === 'f' && each.definition === undefined && each.class === undefined)).toBe(true);
  });

  it('may go through the class of self', () => {
    const facts = factsOf('class A:\n    def m(self):\n        type(self).a = f(1)\n        self.__class__.b = 2\n        type(self).c.d = 3\n        type(self).e: int = 4\n');
    expect(facts.assignments.map((each) => `${show(facts, each.target)}.${each.name} = ${show(facts, each.value)} ${each.class ?? '-'}${each.static === true ? ' static' : ''} ${showType(facts, each.type)}`)).toEqual([
      'type(self).a = f(1) 0 static -', 'self.__class__.b = 2 0 static -', 'type(self).c.d = 3 - -', 'type(self).e = 4 0 static int',
    ]);
    expect(facts.definitions.filter((each) => each.kind === 'field').map((each) => each.name)).toEqual(['a', 'b', 'e']);
    expect(facts.sites.map((each) => each.name)).toEqual(['type', 'f', 'type', 'type']);
  });

  it('know the class lexically: in nested functions, but not where self is another one', () => {
    const facts = factsOf('class A:\n    def m(self):\n        def n():\n            self.a = 1\n        def o(self):\n            self.b = 1\n    @staticmethod\n    def s(self):\n        self.c = 1\n    def r(self):\n        self = other\n        self.d = 1\n');
    expect(facts.assignments.map((each) => `${each.name} ${each.class ?? '-'}`)).toEqual(['a 0', 'b -', 'c -', 'd -']);
    expect(facts.definitions.filter((each) => each.kind === 'field').map((each) => each.name)).toEqual(['a']);
  });
});

describe('the references of a Python file', () => {
  const references = (source: string): string[] => {
    const facts = factsOf(source);
    return facts.references.map((each) => `${each.owner < 0 ? '' : `${pathOf(facts, each.owner)}: `}${show(facts, each.expr)}`);
  };

  it('are names and members that may stand for something of the graph: given, stored, returned, defaulted', () => {
    expect(references(`
import m
def f(): pass
g(f, key=f)
x = [f, m.h]
y = {"k": f}
def i(p=f):
    return m.j.k
@deco(f)
class A: pass
`)).toEqual(['f', 'f', 'f', 'm', 'm.h', 'f', 'f', 'i: m', 'i: m.j', 'i: m.j.k', 'f']);
  });

  it('are no callees, plain locals, parameters or built-in names', () => {
    expect(references('def f(): pass\nf()\ndef g(p, q=1):\n    x = p\n    len(x)\n    for y in x: p(y)\n    return str\n')).toEqual([]);
  });

  it('are the objects on which members are called, where those may be known', () => {
    expect(references('import m\ndef f(p):\n    m.C.make()\n    p.q.r()\n    p.s(p.t.u)\n')).toEqual(['f: m', 'f: m.C', 'f: p.t.u']);
  });

  it('are methods and attributes of self', () => {
    expect(references('class A:\n    def m(self):\n        run(self.n)\n        self.a.b()\n')).toEqual(['A.m: self.n', 'A.m: self.a']);
  });

  it('do not reach from a method to the names of its class', () => {
    expect(references('class A:\n    import m\n    x = [m]\n    def f(self): return m\n    y = [m for _ in x]\n')).toEqual(['A: m', 'A: x']);
  });

  it('may be names that a star import brings', () => {
    expect(references('from m import *\ng(f)\n')).toEqual(['f']);
  });

  it('stand where the last name stands', () => {
    const facts = factsOf('import m\nx = m.a\n');
    expect(facts.references.map(({ at }) => at.column)).toEqual([5, 7]);
  });
});

describe('the bases of a class', () => {
  it('are expressions, with their type arguments; keywords are none', () => {
    const facts = factsOf('class A(B, m.C, Generic[T], make(), metaclass=M, table=True): pass\n');
    const each = classOf(facts, 'A');
    expect(each.extends.map((base) => `${show(facts, base.expr)}${base.typeArguments === undefined ? '' : `[${base.typeArguments.map((type) => showType(facts, type)).join()}]`} ${base.column}`)).toEqual(['B 9', 'm.C 12', 'Generic[T] 17', 'make() 29']);
    expect(show(facts, each.metaclass)).toBe('M');
    expect(each.implements).toEqual([]);
    expect(binding(facts, '', 'A')?.kind).toBe('definition');
    expect(functionOf(factsOf('def f(): pass\n'), 'f').parameters).toEqual([]);
  });
});
