import { describe, expect, it } from 'vitest';
import { createMemoryParser, extractToy } from '../../../src/adapters/memory/parser.js';
import { parserContract } from '../../../src/testing/contracts/parser.js';

const SHOP = `import ./store
import save, load from ./io
class Shop extends Base
  def open   # a method
    call save
    call store.read
def main
  new Shop
call main
`;

parserContract('the toy parser', async () => ({
  parser: createMemoryParser(),
  another: async () => createMemoryParser(),
  samples: [{ path: 'shop.toy', source: SHOP, damaged: `${SHOP}what is this\n` }],
}));

describe('the toy language', () => {
  const facts = extractToy(new TextEncoder().encode(SHOP));

  it('nests definitions by indentation and exports what stands at the margin', () => {
    expect(facts.definitions.map(({ kind, name, parent, exported, range }) => [kind, name, parent, exported ?? false, range.start.line, range.end.line])).toEqual([
      ['class', 'Shop', -1, true, 3, 6], ['method', 'open', 0, false, 4, 6], ['function', 'main', -1, true, 7, 8],
    ]);
    expect(facts.exports).toMatchObject([{ kind: 'local', name: 'Shop' }, { kind: 'local', name: 'main' }]);
    expect(facts.definitions[1]?.at).toEqual({ line: 4, column: 7, offset: SHOP.indexOf('open') });
  });

  it('knows each call, its owner and its receiver', () => {
    expect(facts.sites.map(({ via, owner, name, at }) => [via, owner, name, at.line, at.column])).toEqual([
      ['call', 1, 'save', 5, 10], ['call', 1, 'read', 6, 16], ['new', 2, 'Shop', 8, 7], ['call', -1, 'main', 9, 6],
    ]);
    expect(facts.exprs).toContainEqual({ k: 'name', name: 'store', scope: 2 });
  });

  it('binds imports and definitions in the scope they stand in', () => {
    expect(facts.scopes[0]?.bindings.map(({ name, kind, imports, definitions }) => [name, kind, imports ?? definitions])).toEqual([
      ['store', 'import', [{ import: 0, imported: '*' }]], ['save', 'import', [{ import: 1, imported: 'save' }]], ['load', 'import', [{ import: 1, imported: 'load' }]],
      ['Shop', 'definition', [0]], ['main', 'definition', [2]],
    ]);
    expect(facts.classes[0]).toMatchObject({ extends: [{ line: 3 }], members: [{ name: 'open', definitions: [1], functions: [0] }] });
  });
});
