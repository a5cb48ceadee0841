import { describe, expect, it } from 'vitest';
import type { FileFacts } from '../../../../src/domain/file-facts.js';
import { binding, definition, factsOf, functionOf, narrowed, pathOf, show, showType, values } from './python-facts.js';

const typeOf = (annotation: string): string => {
  const facts = factsOf(`from typing import Self\nimport typing as t\nx: ${annotation}\n`);
  return showType(facts, definition(facts, 'x').type);
};

describe('the type in an annotation', () => {
  it.each([
    ['int', 'int'],
    ['a.b.C', 'a.b.C'],
    ['None', 'None'],
    ['A | B | None', 'A | B | None'],
    ['a.B | None', 'a.B | None'],
    ['Optional[A]', 'Optional[A]'],
    ['Union[A, B]', 'Union[A, B]'],
    ['dict[str, list[A]]', 'dict[str, list[A]]'],
    ['a.B[C]', 'a.B[C]'],
    ['t.Dict[str, A]', 't.Dict[str, A]'],
    ['tuple[int, ...]', 'tuple[int, ?]'],
    ['type[A]', 'type[A]'],
    ['"A"', 'A'],
    ['list["A"]', 'list[A]'],
    ['"list[\'A\'] | None"', 'list[A] | None'],
    ['"a.B[C, D]"', 'a.B[C, D]'],
    ['"not a type"', '?'],
    ['"A["', '?'],
    ['Literal["a", 1, -1, True, None]', "Literal['a', 1, -1, True, None]"],
    ['"Literal[\'a\', 1]"', "Literal['a', 1]"],
    ['Callable[[A, B], C]', 'Callable[(A, B), C]'],
    ['t.Callable[..., C]', 't.Callable[?, C]'],
    ['"Callable[[A], B]"', 'Callable[(A), B]'],
    ['Annotated[A, f(1)]', 'Annotated[A]'],
    ['Self', '<Self>'],
    ['t.Self', '<Self>'],
    ['"Self"', '<Self>'],
    ['f(1)', '?'],
  ])('%s', (annotation, type) => {
    expect(typeOf(annotation)).toBe(type);
  });

  it('is the class itself only for the Self of typing', () => {
    const facts = factsOf('class A:\n    def m(self) -> Self: pass\n');
    expect(showType(facts, functionOf(facts, 'A.m').returnType)).toBe('Self');
  });

  it('belongs to parameters, returns, variables and fields', () => {
    const facts = factsOf('class A:\n    f: F\n    def m(self, a: B, *args: C, k: D = 1, **kw: E) -> G:\n        v: H = 1\n        self.w: I = 2\n');
    expect(functionOf(facts, 'A.m').parameters.map((each) => showType(facts, each.type))).toEqual(['-', 'B', 'C', 'D', 'E']);
    expect(showType(facts, functionOf(facts, 'A.m').returnType)).toBe('G');
    expect(showType(facts, binding(facts, 'A.m', 'v')?.type)).toBe('H');
    expect(showType(facts, definition(facts, 'A.f').type)).toBe('F');
    expect(showType(facts, definition(facts, 'A.w').type)).toBe('I');
    expect(showType(facts, facts.assignments[0]?.type)).toBe('I');
  });

  it('is looked up from where it stands: type parameters of the function included', () => {
    const facts = factsOf('def f[T](x: T) -> "T": pass\n');
    const scopes = facts.types.flatMap((each) => (each.k === 'ref' ? [facts.scopes[each.scope]?.kind] : []));
    expect(scopes).toEqual(['type', 'type']);
  });

  it('is used by the definition that it describes', () => {
    const facts = factsOf('from m import A, B, C, D, E\nx: A\nclass K(G[E]):\n    f: B\n    def m(self, p: "C") -> list[D]: pass\n    def n(self, q: int, r: Unknown): pass\n');
    expect(facts.typeReferences.map((each) => `${each.owner < 0 ? '' : pathOf(facts, each.owner)}: ${showType(facts, each.type)} ${each.at.line}:${each.at.column}`)).toEqual([
      'x: A 2:4', 'K: E 3:11', 'K.f: B 4:8', 'K.m: C 5:21', 'K.m: D 5:33',
    ]);
  });
});

describe('what is no type', () => {
  it('uses no types', () => {
    const facts = factsOf('from m import A\nx: "A is good"\ny: "A["\n');
    expect(facts.typeReferences).toEqual([]);
  });
});

describe('types in comments', () => {
  it('stand behind assignments, loops and with', () => {
    const facts = factsOf('x = []  # type: list[A]\ndef f(v):\n    y = None  # type: Optional[B] # more\n    for z in v:  # type: C\n        pass\n    with v as w:  # type: D\n        pass\n    self.u = v  # type: E\n    t = 1  # type: ignore\n    s = 1  # type: ignore[x]\n');
    expect(showType(facts, definition(facts, 'x').type)).toBe('list[A]');
    expect(['y', 'z', 'w', 't', 's'].map((name) => showType(facts, binding(facts, 'f', name)?.type))).toEqual(['Optional[B]', 'C', 'D', '-', '-']);
    expect(showType(facts, facts.assignments[0]?.type)).toBe('E');
  });

  it('give a function its parameters and return', () => {
    const facts = factsOf('class A:\n    def m(self, a, *b):\n        # type: (int, *str) -> list[B]\n        "doc"\n        return a\ndef f(a,  # type: int\n      b=None  # type: Optional[C]\n      ):\n    # type: (...) -> D\n    pass\n');
    expect(functionOf(facts, 'A.m').parameters.map((each) => showType(facts, each.type))).toEqual(['-', 'int', 'str']);
    expect(showType(facts, functionOf(facts, 'A.m').returnType)).toBe('list[B]');
    expect(showType(facts, binding(facts, 'A.m', 'a')?.type)).toBe('int');
    expect(functionOf(facts, 'f').parameters.map((each) => showType(facts, each.type))).toEqual(['int', 'Optional[C]']);
    expect(showType(facts, functionOf(facts, 'f').returnType)).toBe('D');
  });
});

const depthOf = (facts: FileFacts, scope: number): number => {
  const parent = facts.scopes[scope]?.parent ?? -1;
  return parent < 0 ? 0 : 1 + depthOf(facts, parent);
};

describe('narrowing', () => {
  const scopeOf = (source: string, name: string): string | undefined => {
    const facts = factsOf(source);
    const found = facts.exprs.find((each) => each.k === 'member' && each.name === name);
    const object = found?.k === 'member' ? facts.exprs[found.object] : undefined;
    return object?.k === 'name' ? facts.scopes[object.scope]?.kind : undefined;
  };

  it.each([
    ['if isinstance(x, C): x.f()', 'x: <instance of C>'],
    ['if isinstance(x, (C, D)): x.f()', 'x: <instance of <tuple C, D>>'],
    ['if issubclass(x, C): x.f()', 'x: <subclass of C>'],
    ['if a and isinstance(x, C): x.f()', 'x: <instance of C>'],
    ['y = isinstance(x, C) and x.f', 'x: <instance of C>'],
    ['y = not isinstance(x, C) or x.f', 'x: <instance of C>'],
    ['y = x.f if isinstance(x, C) else 1', 'x: <instance of C>'],
    ['y = 1 if not isinstance(x, C) else x.f', 'x: <instance of C>'],
    ['y = [x.f for x in z if isinstance(x, C)]', 'x: <instance of C>'],
    ['assert isinstance(x, C)\nx.f()', 'x: <instance of C>'],
    ['while isinstance(x, C): x.f()', 'x: <instance of C>'],
    ['def g(x):\n    if not isinstance(x, C): return\n    x.f()', 'x: <instance of C>'],
    ['def g(x):\n    if not isinstance(x, C):\n        if y: return 1\n        else: raise E\n    x.f()', 'x: <instance of C>'],
    ['for x in y:\n    if not isinstance(x, C): continue\n    x.f()', 'x: <instance of C>'],
    ['def g(x):\n    if isinstance(x, C): pass\n    else: return\n    x.f()', 'x: <instance of C>'],
    ['def g(x):\n    if not isinstance(x, C) or a: return\n    x.f()', 'x: <instance of C>'],
    ['def g(x):\n    if not (isinstance(x, C) and a): return\n    x.f()', 'x: <instance of C>'],
    ['if not isinstance(x, C): pass\nelse: x.f()', 'x: <instance of C>'],
    ['if a: pass\nelif isinstance(x, C): x.f()', 'x: <instance of C>'],
    ['if isinstance(x, C) or isinstance(x, D): x.f()', 'x: <instance of C> | <instance of D>'],
    ['match x:\n    case C(): x.f()', 'x: <instance of C>'],
    ['match x:\n    case C() | D(): x.f()', 'x: <instance of C> | <instance of D>'],
  ])('%s', (source, expected) => {
    expect(new Set(narrowed(factsOf(`${source}\n`)).filter((each) => !each.includes('<no ')))).toEqual(new Set([expected]));
    expect(scopeOf(`${source}\n`, 'f')).toBe('narrow');
  });

  it.each([
    ['if isinstance(x, C): pass\nx.f()'],
    ['if not isinstance(x, C): y = 1\nx.f()'],
    ['if isinstance(x, C) or a: x.f()'],
    ['y = x.f if a else isinstance(x, C)'],
    ['while y:\n    if not isinstance(x, C) and a: break\n    x.f()'],
    ['match x:\n    case (C(),): x.f()'],
    ['match x:\n    case C(): pass\n    case _: x.f()'],
  ])('does not reach: %s', (source) => {
    expect(scopeOf(`${source}\n`, 'f')).toBe('module');
  });

  it.each([
    ['if isinstance(x, C): pass\nelse: x.f()', ['x: <instance of C>', 'x: <no instance of C>']],
    ['if not isinstance(x, C): x.f()', ['x: <no instance of C>']],
    ['def g(x):\n    if isinstance(x, C): return\n    x.f()', ['x: <instance of C>', 'x: <no instance of C>']],
    ['if isinstance(x, C): pass\nelif isinstance(x, D): pass\nelse: x.f()', ['x: <instance of C>', 'x: <instance of D>', 'x: <no instance of C>', 'x: <no instance of D>']],
  ])('knows what it is not: %s', (source, expected) => {
    expect([...new Set(narrowed(factsOf(`${source}\n`)))].sort()).toEqual(expected);
    expect(scopeOf(`${source}\n`, 'f')).toBe('narrow');
  });

  it('is none for members and for another isinstance', () => {
    expect(narrowed(factsOf('if isinstance(x.y, C): pass\n'))).toEqual([]);
    expect(narrowed(factsOf('def isinstance(x, y): pass\nif isinstance(x, C): pass\n'))).toEqual([]);
  });

  it('takes in what is assigned within', () => {
    const facts = factsOf('def g(x):\n    if isinstance(x, str):\n        x = P(x)\n        x.f()\n');
    expect(narrowed(facts)).toEqual(['x: <instance of str> | P(x)', 'x: P(x)']);
    expect(values(facts, 'g', 'x')).toEqual(['<parameter 0>', 'P(x)']);
  });

  it('does not pile up with one assertion after the other', () => {
    const facts = factsOf('def f(x, y):\n' + '    assert isinstance(x, A)\n    x.f()\n    assert isinstance(x, B)\n'.repeat(50));
    expect(Math.max(...facts.scopes.map((_, i) => depthOf(facts, i)))).toBe(2);
    const many = factsOf(Array.from({ length: 300 }, (_, i) => `assert isinstance(x${i}, A)\n`).join(''));
    expect(Math.max(...many.scopes.map((_, i) => depthOf(many, i)))).toBeLessThan(60);
  });

  it('takes in what is assigned further within, after another test', () => {
    const facts = factsOf('def f(x):\n    assert isinstance(x, A)\n    with x:\n        assert isinstance(x, B)\n        x = P()\n    x.f()\n');
    expect(narrowed(facts)).toEqual(['x: <instance of A> | P()', 'x: <instance of B>', 'x: P()']);
  });

  describe('by what was assigned last', () => {
    it.each([
      ['def g(x):\n    x = P(x)\n    x.f()', ['x: P(x)']],
      ['def g():\n    x = A()\n    x = B()\n    x.f()', ['x: A()', 'x: B()']],
      ['x = A()\nx = B()\nx.f()', ['x: A()', 'x: B()']],
      ['def g(x):\n    with C() as x: x.f()\n', ['x: <enter C()>']],
      ['def g(x):\n    for x in y: x.f()\n', ['x: <each of y>']],
      ['def g(x, y):\n    x, y = a()\n    x.f()', ['x: <a() at 0>, y: <a() at 1>']],
      ['def g():\n    try: pass\n    except A as x: x.f()\n    except B as x: pass', ['x: <instance of A>', 'x: <instance of B>']],
      // A nested statement adds what it assigns, from there on.
      ['def g(x):\n    x = A()\n    if y: x = B()\n    x.f()', ['x: A()', 'x: A() | B()', 'x: B()']],
      ['def g(x):\n    x = A()\n    for x in y: pass\n    x.f()', ['x: A()', 'x: A() | <each of y>', 'x: <each of y>']],
      // One scope stands for the block, whatever is assigned in turn.
      ['def g(x, y):\n    x = A()\n    y = B()\n    x.f()', ['x: A()', 'y: B(), x: A()']],
    ])('%s', (source, expected) => {
      const facts = factsOf(`${source}\n`);
      expect(facts.scopes.filter(({ kind }) => kind === 'narrow').map(({ bindings }) => bindings.map((each) => `${each.name}: ${(each.values ?? []).map((value) => show(facts, value)).join(' | ')}`).join(', '))).toEqual(expected);
      expect(scopeOf(`${source}\n`, 'f')).toBe('narrow');
    });

    it.each([
      ['def g():\n    x = A()\n    x.f()', 'function'],
      ['def g(x):\n    if y: x = A()\n    x.f()', 'function'],
      ['def g(x):\n    try: x = A()\n    except E: pass\n    x.f()', 'function'],
      ['def g(x):\n    x.f()\n    x = A()', 'function'],
      ['def g():\n    global x\n    x = A()\n    x = B()\n    x.f()', 'function'],
      ['def g(x):\n    def h():\n        nonlocal x\n        x = B()\n    x = A()\n    h()\n    x.f()', 'function'],
      ['class C:\n    x = A()\n    x = B()\n    x.f()', 'class'],
      // What runs later sees all that the name may hold by then.
      ['def g(x):\n    x = A()\n    def h(): x.f()\n    x = B()', 'function'],
      ['x = A()\nx = B()\ndef h(): x.f()', 'function'],
    ])('not: %s', (source, expected) => {
      expect(scopeOf(`${source}\n`, 'f')).toBe(expected);
    });

    it('copies no more than a few values from scope to scope', () => {
      const facts = factsOf(`def f(z):\n    y = a()\n${'    if z: y = c()\n'.repeat(1000)}`);
      const values = facts.scopes.filter(({ kind }) => kind === 'narrow').flatMap(({ bindings }) => bindings.map((each) => each.values?.length ?? 0));
      expect(values.reduce((sum, count) => sum + count, 0)).toBeLessThan(4000);
    });

    it('reaches closures when nothing binds the name any more', () => {
      const facts = factsOf('def g(x):\n    x = A()\n    def h(): x.f()\n');
      expect(facts.scopes[facts.scopes[functionOf(facts, 'g.h').scope]?.parent ?? 0]?.kind).toBe('narrow');
      const changing = factsOf('def g(x):\n    x = A()\n    def h(): x.f()\n    x = B()\n');
      expect(changing.scopes[changing.scopes[functionOf(changing, 'g.h').scope]?.parent ?? 0]?.kind).toBe('function');
    });
  });

  it('goes no further than each branch and adds up along the way', () => {
    expect(narrowed(factsOf('if isinstance(x, A):\n    if isinstance(y, B): pass\nelif isinstance(x, C): pass\n')).sort()).toEqual(['x: <instance of A>', 'x: <instance of C>', 'x: <no instance of A>', 'x: <no instance of C>', 'y: <instance of B>']);
  });
});
