import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOf, pathOf } from './python-facts.js';

describe('damaged Python files', () => {
  it('give what can be told and one diagnostic with the first line', () => {
    const facts = factsOf('def good():\n    f()\n\nclass A:\n    def m(self):\n        x = = 3\n        g()\n\ndef late(: pass\n');
    expect(facts.diagnostics).toEqual([{ code: 'syntax-error', message: 'not all of the file could be parsed', line: 6 }]);
    expect(facts.definitions.map((_, i) => pathOf(facts, i))).toEqual(expect.arrayContaining(['good', 'A', 'A.m']));
    expect(facts.sites.map((each) => each.name)).toEqual(expect.arrayContaining(['f', 'g']));
  });

  const sample = `
import a.b as c
from . import d
@dec(x=1)
class K[T](Base[T], metaclass=M):
    """Doc."""
    f: "list[int] | None" = None
    async def m(self, p: int = 1, /, *args: T, q, **kw) -> Self:
        if not isinstance(p, (A, B)): return
        with open(p) as (g, h), g: self.x = [i async for i in p if i]
        match p:
            case C(x, y=[a, *b]) | {"k": None, **r}: yield f"{p!r:>{q}}"
        try: lambda z: (w := super().m(*z))
        except (E, F) as e: del e.x
        global g
        g, *self.y = x if y else {**z, 'k': v}
type X[T] = dict[str, T]
`;

  it('never throw and stay well-formed, wherever they are cut', () => {
    for (let end = 0; end <= sample.length; end++) factsOf(sample.slice(0, end));
  });

  it('never throw and stay well-formed, whatever is taken out or put in', () => {
    fc.assert(fc.property(fc.nat(sample.length), fc.nat(40), fc.constantFrom('', '(', ')', '[', ':', '\n', '    ', '"', '"""', 'def ', 'class ', '*', '@', '=', ' as ', 'é𝒳', '\0', 'lambda', '{'), (at, length, put) => {
      factsOf(sample.slice(0, at) + put + sample.slice(at + length));
    }), { numRuns: 300 });
  });
});

describe('very deep Python files', () => {
  const N = 5_000;
  it.each([
    ['parentheses', '('.repeat(N) + 'f(1)' + ')'.repeat(N)],
    ['operators', `x = 1${' + f()'.repeat(N)}`],
    ['conditions', `if isinstance(a, A)${' and isinstance(a, B)'.repeat(N)}: pass`],
    ['calls', `x = a${'.b()'.repeat(N)}`],
    ['members', `x = a${'.b'.repeat(N)}`],
    ['arguments', 'f('.repeat(N) + ')'.repeat(N)],
    ['lambdas', `x = ${'lambda: '.repeat(N)}1`],
    ['comprehensions', `x = ${'[a for a in '.repeat(N)}b${']'.repeat(N)}`],
    ['types', `x: ${'list['.repeat(N)}int${']'.repeat(N)}`],
    ['unions', `x: a${' | a'.repeat(N)}`],
    ['targets', `${'('.repeat(N)}a,${'),'.repeat(N)} = 1`],
    ['patterns', `match x:\n    case ${'['.repeat(N)}a${']'.repeat(N)}: pass`],
  ])('%s beyond the depth are unknown and named once', (_, source) => {
    expect(factsOf(`${source}\ndef after(): pass\n`).diagnostics.filter((each) => each.code === 'too-deep')).toHaveLength(1);
  });

  it.each([
    ['quoted types', `x: "${'list['.repeat(N)}int${']'.repeat(N)}"`],
    ['blocks', Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}if a:`).join('\n') + `\n${' '.repeat(500)}f()`],
  ])('%s do no harm', (_, source) => {
    factsOf(`${source}\n`);
  });

  it('are long without being deep: chained assignments, decorators, branches', () => {
    const facts = factsOf(`${'a = '.repeat(N)}1\n${'@f\n'.repeat(N)}def g(): pass\nif a: pass\n${'elif b(): pass\n'.repeat(N)}`);
    expect(facts.diagnostics).toEqual([]);
    expect(facts.sites).toHaveLength(2 * N);
  });
});
