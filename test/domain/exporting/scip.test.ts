import { describe, expect, it } from 'vitest';
import { scipExport } from '../../../src/domain/exporting/scip.js';
import { tokenLength } from '../../../src/domain/exporting/token-length.js';
import type { Partition } from '../../../src/domain/partition.js';
import { decodeScip } from '../../../src/domain/scip/codec.js';
import { ROLE, type ScipDocument, type ScipPart, type ScipSymbol } from '../../../src/domain/scip/scip-index.js';
import { parseScipSymbol, scipName, scipPackagePart } from '../../../src/domain/scip/symbol-text.js';
import { definition, edge, external, partition } from '../../../src/testing/contracts/sample-graph.js';
import { contains, member, readerOf } from '../querying/sample-reader.js';

async function exported(partitions: readonly Partition[], texts: Readonly<Record<string, string>> = {}): Promise<ScipPart[]> {
  const bytes: Uint8Array[] = [];
  const request = { reader: await readerOf(partitions), projectRoot: 'file:///shop', texts: async (files: readonly Partition[]) => new Map(files.flatMap(({ path, blob }) => (texts[path] === undefined ? [] : [[blob, texts[path]] as const]))) };
  for await (const chunk of scipExport(request, {})) bytes.push(chunk.bytes);
  const parts: ScipPart[] = [];
  for await (const part of decodeScip(stream(bytes))) parts.push(part);
  return parts;
}

async function* stream(bytes: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* bytes;
}

const documents = (parts: readonly ScipPart[]): ScipDocument[] => parts.flatMap((part) => (part.part === 'document' ? [part.document] : []));
const externals = (parts: readonly ScipPart[]): ScipSymbol[] => parts.flatMap((part) => (part.part === 'external' ? [part.symbol] : []));
const at = (document: ScipDocument | undefined, symbol: string): string[] => (document?.occurrences ?? []).filter((each) => each.symbol.endsWith(symbol)).map(({ range, roles }) => `${range.join(':')} ${roles}`);

/** What `scip lint` looks at, by the rules of scip.proto; gives what is wrong. */
function problems(parts: readonly ScipPart[]): string[] {
  const found: string[] = [];
  const inside = new Set<string>();
  const outside = new Set(externals(parts).map(({ symbol }) => symbol));
  if (parts[0]?.part !== 'metadata' || parts.filter(({ part }) => part === 'metadata').length !== 1) found.push('metadata is not first and once');
  if (outside.size !== externals(parts).length) found.push('an external symbol stands twice');
  if (new Set(documents(parts).map(({ path }) => path)).size !== documents(parts).length) found.push('a document stands twice');
  for (const { symbols } of documents(parts)) {
    for (const { symbol } of symbols) {
      if (inside.has(symbol) || outside.has(symbol)) found.push(`${symbol} is said twice`);
      inside.add(symbol);
    }
  }
  for (const { path, symbols, occurrences } of documents(parts)) {
    if (path.startsWith('/') || path.split('/').some((part) => ['', '.', '..'].includes(part))) found.push(`${path} is not canonical`);
    for (const { symbol, relationships } of symbols) {
      if (new Set(relationships.map((each) => each.symbol)).size !== relationships.length) found.push(`${symbol} has two relationships to one`);
      for (const each of relationships) if (!inside.has(each.symbol) && !outside.has(each.symbol)) found.push(`${each.symbol} is related to and not there`);
    }
    const seen = new Set<string>();
    for (const { symbol, range, roles, enclosing } of occurrences) {
      const name = parseScipSymbol(symbol);
      if (name === undefined) found.push(`${symbol} is no symbol`);
      else if (format(name) !== symbol) found.push(`${symbol} should be ${format(name)}`);
      if (!inside.has(symbol) && !outside.has(symbol)) found.push(`${symbol} is not there`);
      const key = `${symbol} ${range.join()} ${roles}`;
      if (seen.has(key)) found.push(`${key} stands twice`);
      seen.add(key);
      if (range[2] < range[0] || (range[0] === range[2] && range[3] < range[1])) found.push(`${range.join()} ends before it begins`);
      if (enclosing !== undefined && (enclosing[0] > range[0] || enclosing[2] < range[2])) found.push(`${enclosing.join()} does not enclose ${range.join()}`);
    }
  }
  return found;
}

function format({ scheme, manager, package: name, version, descriptors }: NonNullable<ReturnType<typeof parseScipSymbol>>): string {
  const written = { namespace: '/', type: '#', term: '.', meta: ':', macro: '!' } as const;
  return [scheme, manager, name, version].map(scipPackagePart).join(' ') + ' ' + descriptors.map((each) => (
    each.kind === 'method' ? `${scipName(each.name)}(${each.disambiguator ?? ''}).` : each.kind === 'parameter' ? `(${scipName(each.name)})` : each.kind === 'type-parameter' ? `[${scipName(each.name)}]` : scipName(each.name) + written[each.kind]
  )).join('');
}

const Shop = { ...definition({ path: 'src/a b.ts', name: 'Shop', kind: 'class', line: 2 }), at: { line: 2, column: 7, offset: 0 } };
const open = { ...member(Shop, 'open', 'method', 3), at: { line: 3, column: 3, offset: 0 } };
const again = { ...open, id: open.id.replace('open', 'open(+1)'), at: { line: 4, column: 3, offset: 0 } };
const Place = definition({ path: 'src/b.ts', name: 'Place', kind: 'interface', line: 1 });
const placeOpen = member(Place, 'open', 'method', 2);
const read = external('fs', 'read');
const SHOP: readonly Partition[] = [
  partition('src/a b.ts', {
    nodes: [Shop, open, again, read],
    edges: [
      ...contains('src/a b.ts', Shop), ...contains(Shop, open, again), edge(Shop, Place, { kind: 'IMPLEMENTS', line: 2 }), edge(open, placeOpen, { kind: 'OVERRIDES', sites: [] }),
      edge(open, placeOpen, { sites: [{ line: 6, column: 9, via: 'new' }] }), edge(open, placeOpen, { kind: 'REFERENCES', sites: [{ line: 6, column: 9 }] }),
      edge(again, read, { line: 7 }), edge(again, placeOpen, { certainty: 'candidate', line: 8 }), edge('src/a b.ts', 'src/b.ts', { kind: 'IMPORTS', sites: [{ line: 1, column: 1 }] }),
    ],
  }),
  partition('src/b.ts', { nodes: [Place, placeOpen], edges: [...contains('src/b.ts', Place), ...contains(Place, placeOpen)] }),
];
const PREFIX = 'codeloom . github.com/acme/shop . src/';

describe('a SCIP index', () => {
  it('has a document a file, with its definitions and the references of its certain edges', async () => {
    const parts = await exported(SHOP);
    expect(problems(parts)).toEqual([]);
    const [first, second] = documents(parts);
    expect(first).toMatchObject({ path: 'src/a b.ts', language: 'TypeScript', encoding: 'utf-16' });
    expect(first?.symbols.map(({ symbol }) => symbol)).toEqual([`${PREFIX}\`a b.ts\`/`, `${PREFIX}\`a b.ts\`/Shop#`, `${PREFIX}\`a b.ts\`/Shop#open().`, `${PREFIX}\`a b.ts\`/Shop#open(+1).`]);
    expect(second?.symbols.map(({ symbol }) => symbol)).toEqual([`${PREFIX}\`b.ts\`/`, `${PREFIX}\`b.ts\`/Place#`, `${PREFIX}\`b.ts\`/Place#open().`]);
    expect(at(first, '/Shop#')).toEqual(['1:6:1:10 1']);
    expect(at(first, 'Place#open().')).toEqual(['5:8:5:12 0']);
    expect(at(first, 'b.ts`/')).toEqual([`0:0:0:0 ${ROLE.definition}`, `0:0:0:4 ${ROLE.import}`]);
    expect(externals(parts).map(({ symbol }) => symbol)).toEqual(['codeloom . fs . fs/read.']);
    expect(at(first, 'fs/read.')).toEqual(['6:4:6:8 0']);
  });

  it('says what implements and overrides', async () => {
    const [first] = documents(await exported(SHOP));
    expect(first?.symbols.map(({ displayName, relationships }) => [displayName, relationships])).toEqual([
      ['a b.ts', []], ['Shop', [{ symbol: `${PREFIX}\`b.ts\`/Place#`, reference: false, implementation: true }]],
      ['open', [{ symbol: `${PREFIX}\`b.ts\`/Place#open().`, reference: true, implementation: true }]], ['open', []],
    ]);
  });

  it('takes from the source where names end', async () => {
    const text = "import { x } from './b.js';\nclass ShopWithMore {\n  'open'() {}\n}\n\n        renamed();\n";
    const [first] = documents(await exported(SHOP, { 'src/a b.ts': text }));
    expect(at(first, '/Shop#')).toEqual(['1:6:1:18 1']);
    expect(at(first, 'Shop#open().')).toEqual(['2:2:2:8 1']);
    expect(at(first, 'Place#open().')).toEqual(['5:8:5:15 0']);
    expect(at(first, '`b.ts`/')).toEqual([`0:18:0:26 ${ROLE.import}`]);
  });

  it('has the names of an id that are no nodes', async () => {
    const methods = ['T', 'U'].map((parent, index) => ({ ...definition({ path: 'm.go', name: 'Do', kind: 'method', parents: [parent], line: index + 1 }), parent: 'm.go' }));
    const parts = await exported([partition('m.go', { nodes: methods })]);
    expect(problems(parts)).toEqual([]);
    expect(documents(parts)[0]?.symbols.map(({ symbol }) => symbol.split('`/')[1])).toEqual(['', 'T#Do().', 'U#Do().']);
  });

  it('is sound whatever the names are', async () => {
    const names = ['a b', '`', '``', 'a`b', '', ' ', 'é', '#x', '(+1)', 'a.b', '\n', '\u0000', '\ud800', 'a/b#c.', 'local 1'];
    const nodes = names.flatMap((name, index) => [definition({ path: 'x  y/日本.ts', name, kind: 'method', line: index + 1 }), definition({ path: 'x  y/日本.ts', name, kind: 'class', line: index + 1 })]);
    const parts = await exported([partition('x  y/日本.ts', { nodes: [...nodes, external('a b', 'c.d')], edges: nodes.map((node) => edge('x  y/日本.ts', node)) })]);
    // of an empty name and a blank one SCIP can tell no difference
    expect(problems(parts).filter((each) => !each.includes('` `'))).toEqual([]);
    expect(parts.length).toBe(3);
  });
});

describe('the length of a name', () => {
  it.each([['foo.bar', 0, 3], ['foo.bar', 4, 3], ['x.#priv()', 2, 5], ["  'a b'()", 2, 5], ['from ..pkg.mod import x', 5, 9], ['@decorated', 1, 9], ['𝒳y = 1', 0, 3], ['()', 0, 0]] as const)('%s at %i is %i', (line, column, length) => {
    expect(tokenLength(line, column)).toBe(length);
  });
});
