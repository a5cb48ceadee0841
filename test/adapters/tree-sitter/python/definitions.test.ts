import { describe, expect, it } from 'vitest';
import { binding, classOf, definition, factsOf, functionOf, pathOf, show, values } from './python-facts.js';

const listed = (source: string): string[] => {
  const facts = factsOf(source);
  return facts.definitions.map((each, i) => `${each.kind} ${pathOf(facts, i)}`);
};

describe('the definitions of a Python file', () => {
  it('are its functions, classes, methods and class attributes; a class or function within a function is local', () => {
    const source = `
def f():
    def g(): pass
    class L:
        def m(self): pass
class A:
    x = 1
    y: int
    def __init__(self): pass
    class B:
        def m(self): pass
`;
    expect(listed(source)).toEqual(['function f', 'function f.g', 'class f.L', 'method f.L.m', 'class A', 'field A.x', 'field A.y', 'method A.__init__', 'class A.B', 'method A.B.m']);
    expect(factsOf(source).definitions.filter((each) => each.local === true).map((each) => each.name)).toEqual(['g', 'L', 'm']);
  });

  it('are the variables of the module: tuples, chains, annotations, also within compound statements', () => {
    expect(listed(`
a = 1
b, (c, *d) = 1, (2, 3)
e = f = 2
g: int
if x:
    h = 1
else:
    i = 1
try:
    j = 1
except E:
    k = 1
finally:
    l = 1
with x:
    m = 1
for n in x:
    o = 1
while x:
    p = 1
`)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'o', 'p'].map((name) => `variable ${name}`));
  });

  it('are each variable once, however often it is assigned', () => {
    const source = '__all__ = []\n__all__ += ["a"]\nx = 1\nx = 2\nx += 3\n';
    expect(listed(source)).toEqual(['variable __all__', 'variable x']);
    expect(values(factsOf(source), '', 'x')).toEqual(['1', '2', '<+: x, 3>']);
  });

  it('are no locals, attributes of other objects or fallbacks of imports', () => {
    expect(listed('def f():\n    x = 1\n    for y in x: z = y\no.attr = 1\no["k"] = 2\ntry:\n    import json\nexcept ImportError:\n    json = None\n')).toEqual(['function f']);
  });

  it('are each of several functions of one name, all bound to it', () => {
    const facts = factsOf('if a:\n    def f(): pass\nelse:\n    def f(x): pass\n');
    expect(facts.definitions.map((each) => each.name)).toEqual(['f', 'f']);
    expect(binding(facts, '', 'f')?.definitions).toEqual([0, 1]);
  });

  it('are named lambdas as functions and methods; aliases of methods in a class are methods too', () => {
    const facts = factsOf('f = lambda x: x\nclass A:\n    g = lambda self: self\n    def h(self): pass\n    i = h\n    j = print\ndef k():\n    l = lambda: 0\n    m = 1\n');
    expect(facts.definitions.map((each, i) => `${each.kind} ${pathOf(facts, i)}`)).toEqual(['function f', 'class A', 'method A.g', 'method A.h', 'method A.i', 'field A.j', 'function k', 'function k.l']);
    expect(functionOf(facts, 'A.g').member).toEqual({ class: 0, static: false });
    expect(values(facts, '', 'f')).toEqual(['<function f>']);
  });

  it('keep type aliases and types made by calls as variables with their value', () => {
    const facts = factsOf(`
type X[T] = list[T] | None
Y: TypeAlias = 'dict[str, int]'
T = TypeVar('T', bound='A')
P = namedtuple('P', 'x y')
`);
    expect(facts.definitions.map((each) => `${each.kind} ${each.name}`)).toEqual(['variable X', 'variable Y', 'variable T', 'variable P']);
    expect(values(facts, '', 'X')).toEqual(['<|: list[T], <null>>']);
    expect(values(facts, '', 'Y')).toEqual(["'dict[str, int]'"]);
    expect(values(facts, '', 'T')).toEqual(["TypeVar('T', bound='A')"]);
    expect(definition(facts, 'X').typeParameters).toEqual([{ name: 'T' }]);
  });

  it('are the attributes that methods give to self, the first time and unless the class body declares them', () => {
    const facts = factsOf(`
class A:
    declared = None
    def __init__(self, other):
        self.a = 1
        self.b: int = 2
        self.declared = 3
        self.late = 4
        self.a = 5
        other.c = 6
        (self.d, self.e) = 7, 8
    @classmethod
    def make(cls):
        cls.f = 9
    if True:
        late = None
`);
    const fields = facts.definitions.map((each, i) => pathOf(facts, i)).filter((_, i) => facts.definitions[i]?.kind === 'field');
    expect(fields).toEqual(['A.declared', 'A.a', 'A.b', 'A.d', 'A.e', 'A.f', 'A.late']);
    expect(facts.assignments.map((each) => `${show(facts, each.target)}.${each.name}${each.definition === undefined ? '' : ' defines'}${each.class === undefined ? '' : ` of ${each.class}`}${each.static === true ? ' static' : ''}`)).toEqual([
      'self.a defines of 0', 'self.b defines of 0', 'self.declared of 0', 'self.late of 0', 'self.a of 0', 'other.c', 'self.d defines of 0', 'self.e defines of 0', 'cls.f defines of 0 static',
    ]);
  });

  it('have the line of their def or class as signature, on one line and cut off', () => {
    const facts = factsOf(`
async def f(a,  # the first
            *,
            b: int = 1,
            ) -> None:
    pass
class A(B[int],
        metaclass=M): pass
def long(${'argument, '.repeat(60)}): pass
x: list[
    int] = []
`);
    expect(definition(facts, 'f').signature).toBe('async def f(a, *, b: int = 1) -> None');
    expect(definition(facts, 'A').signature).toBe('class A(B[int], metaclass=M)');
    expect(definition(facts, 'long').signature).toHaveLength(200);
    expect(definition(facts, 'x').signature).toBe('x: list[ int]');
  });

  it('have the first line of their doc string', () => {
    const facts = factsOf('def f():\n    """\n    Does it.\n\n    At length.\n    """\ndef g(): "Short."\nclass A:\n    r\'\'\'Raw.\'\'\'\ndef h(): f"none {x}"\ndef i():\n    x\n    "late"\n');
    expect(facts.definitions.map((each) => each.doc)).toEqual(['Does it.', 'Short.', 'Raw.', undefined, undefined]);
  });

  it('reach from their first decorator to the end of the body, and stand where their name does, in UTF-16 columns', () => {
    const facts = factsOf('@dec\ndef f():\n    pass\n"𝒳"; é = 1\n');
    const { range, at } = definition(facts, 'f');
    expect([range.start.line, range.start.column, range.end.line, range.end.column, at.line, at.column]).toEqual([1, 1, 3, 9, 2, 5]);
    expect(definition(facts, 'é').at).toEqual({ line: 4, column: 7, offset: 31 });
  });

  it('are exported when their name is public, or in __all__ where there is one', () => {
    const exported = (source: string): string[] => factsOf(source).definitions.filter((each) => each.exported === true).map((each) => each.name);
    expect(exported('a = 1\n_b = 1\ndef c():\n    def d(): pass\nclass E:\n    f = 1\n')).toEqual(['a', 'c', 'E']);
    expect(exported('__all__ = ["_b", "E"]\na = 1\n_b = 1\nclass E: pass\n')).toEqual(['_b', 'E']);
  });

  it('say what decorators and keywords make of them', () => {
    const facts = factsOf(`
class A:
    @staticmethod
    def s(): pass
    @classmethod
    async def c(cls): pass
    @property
    def p(self): pass
    @p.setter
    def p(self, v): pass
    @abc.abstractmethod
    def a(self): yield 1
`);
    expect(facts.definitions.slice(1).map((each) => each.modifiers)).toEqual([['static'], ['async', 'classmethod', 'static'], ['getter', 'property'], ['property', 'setter'], ['abstract', 'generator']]);
  });
});

describe('__all__', () => {
  const all = (source: string): readonly string[] | undefined => factsOf(source).all;

  it('is known from lists and tuples and what is added to them', () => {
    expect(all('__all__ = ["a", \'b\']\n')).toEqual(['a', 'b']);
    expect(all('__all__: list[str] = ("a",)\n__all__ += ["b"]\n__all__.extend(["c", "d"])\n__all__.append("e")\n__all__.remove("a")\n__all__ = __all__ + ["f"]\n')).toEqual(['b', 'c', 'd', 'e', 'f']);
    expect(all('__all__ = ["a"] + ["b"]\n__all__ += ("c",)\n__all__.extend(["d"])\n__all__.append("e")\n__all__.remove("a")\n')).toEqual(['b', 'c', 'd', 'e']);
    expect(all('__all__ = "a", "b"\n')).toEqual(['a', 'b']);
    expect(all('__all__ = []\n')).toEqual([]);
  });

  it('is not given where another module or a computation has a part in it, though its names stay exported', () => {
    const facts = factsOf('from . import m\n__all__ = ["_a"] + m.__all__\n_a = 1\nb = 2\n_c = 3\n');
    expect(facts.all).toBeUndefined();
    expect(facts.definitions.filter((each) => each.exported === true).map((each) => each.name)).toEqual(['_a', 'b']);
    expect(all('__all__ = [n for n in dir()]\n')).toBeUndefined();
    expect(all('__all__ = [*m.__all__]\n__all__ = __all__ + ["a"]\n')).toBeUndefined();
    expect(all('__all__ = [*m.__all__]\n__all__ = ["a"]\n')).toEqual(['a']);
    expect(all('x = 1\n')).toBeUndefined();
    expect(all('def f():\n    __all__ = ["a"]\n')).toBeUndefined();
  });
});

describe('the members of a class', () => {
  const members = (source: string): string[] => {
    const facts = factsOf(source);
    return classOf(facts, 'A').members.map((each) => `${each.static === true ? 'static ' : ''}${each.kind} ${each.name} ${each.definitions.length} ${(each.functions ?? []).length} ${(each.values ?? []).map((value) => show(facts, value)).join('|')}`.trim());
  };

  it('are one for an overloaded method and one for a property with its accessors', () => {
    expect(members(`
class A:
    @overload
    def f(self, x: int) -> int: ...
    @overload
    def f(self, x: str) -> str: ...
    def f(self, x): return x
    @property
    def p(self): return 1
    @p.setter
    def p(self, v): pass
    @p.deleter
    def p(self): pass
    @functools.cached_property
    def q(self): return 1
`)).toEqual(['method f 3 3', 'property p 3 1', 'property q 1 1']);
  });

  it('are static for class and static methods, and for those that Python makes so', () => {
    expect(members('class A:\n    @classmethod\n    def c(cls): pass\n    @staticmethod\n    def s(): pass\n    def __new__(cls): pass\n    def __init_subclass__(cls): pass\n    def m(self): pass\n')).toEqual([
      'static method c 1 1', 'static method s 1 1', 'static method __new__ 1 1', 'static method __init_subclass__ 1 1', 'method m 1 1',
    ]);
  });

  it('are fields with every value and the declared type, and nested classes', () => {
    const facts = factsOf('class A:\n    x: int = 1\n    x = 2\n    y: "A"\n    a, b = 1, 2\n    f = lambda self: 1\n    class B: pass\n');
    expect(members('class A:\n    x: int = 1\n    x = 2\n    y: "A"\n    a, b = t\n    f = lambda self: 1\n    class B: pass\n')).toEqual([
      'field x 1 0 1|2', 'field y 1 0', 'field a 1 0 <t at 0>', 'field b 1 0 <t at 1>', 'method f 1 1 <function A.f>', 'field B 1 0 <class A.B>',
    ]);
    expect(classOf(facts, 'A').members.map((each) => each.type !== undefined)).toEqual([true, true, false, false, false, false]);
  });

  it('hold names that are hostile as keys of objects', () => {
    expect(members('class A:\n    def constructor(self): pass\n    def __proto__(self): pass\n    toString = 1\n    hasOwnProperty = 2\n')).toEqual(['method constructor 1 1', 'method __proto__ 1 1', 'field toString 1 0 1', 'field hasOwnProperty 1 0 2']);
  });

  it('carry their decorators', () => {
    const facts = factsOf('class A:\n    @d\n    @e(1)\n    def f(self): pass\n');
    const [member] = classOf(facts, 'A').members;
    expect(member?.decorators?.map((each) => show(facts, each))).toEqual(['d', 'e(1)']);
  });
});

describe('the functions', () => {
  it('are bodiless as overloads, abstract methods and declarations by ellipsis', () => {
    const facts = factsOf('@overload\ndef a(): pass\n@abstractmethod\ndef b(): raise E\ndef c(): ...\ndef d():\n    "doc"\n    ...\ndef e(): pass\ndef f(): return ...\n');
    expect(facts.functions.map((each) => each.bodiless === true)).toEqual([true, true, true, true, false, false]);
  });

  it('belong to their class, except static methods', () => {
    const facts = factsOf('class A:\n    def m(self): pass\n    @classmethod\n    def c(cls): pass\n    @staticmethod\n    def s(a): pass\n    def __new__(cls): pass\ndef f(self): pass\n');
    expect(facts.functions.map((each) => each.member)).toEqual([{ class: 0, static: false }, { class: 0, static: true }, undefined, { class: 0, static: true }, undefined]);
  });

  it('know the forms of their parameters', () => {
    const facts = factsOf('def f(a, b=1, /, c=2, *args, d, e=3, **kw): pass\ndef g(a, *, b): pass\n');
    expect(functionOf(facts, 'f').parameters.map((each) => `${each.form ?? ''} ${each.name}${each.default === undefined ? '' : `=${show(facts, each.default)}`}`.trim())).toEqual([
      'positional-only a', 'positional-only b=1', 'c=2', 'rest args', 'keyword-only d', 'keyword-only e=3', 'keywords kw',
    ]);
    expect(functionOf(facts, 'g').parameters.map((each) => each.form)).toEqual([undefined, 'keyword-only']);
  });

  it('say by the result declared for them what a yield gives', () => {
    const facts = factsOf('def f() -> Generator[Y, S, R]:\n    x = yield 1\nasync def g() -> t.AsyncGenerator[Y, S]:\n    x = yield 1\ndef h() -> Iterator[Y]:\n    x = yield 1\ndef i() -> Generator[Y, S, R]:\n    x = yield from z\n');
    expect(['f', 'g', 'h', 'i'].map((name) => values(facts, name, 'x'))).toEqual([['<? as S>'], ['<? as S>'], ['?'], ['<yield from: z>']]);
  });

  it('give what they return and yield', () => {
    const facts = factsOf('async def f():\n    if x: return a\n    yield b\n    yield from c\n    await (yield)\n    g = lambda: (yield d)\n    return e, f\n    return\n');
    const f = functionOf(facts, 'f');
    expect([f.async, f.generator]).toEqual([true, true]);
    expect(f.returns.map((each) => show(facts, each))).toEqual(['a', '<tuple e, f>']);
    expect((f.yields ?? []).map((each) => show(facts, each))).toEqual(['b', '<each of c>', '?']);
    expect(functionOf(facts, 'f.g').generator).toBe(true);
  });
});
