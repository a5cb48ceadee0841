import { describe, expect, it } from 'vitest';
import { decodePartition, encodePartition } from '../../src/domain/partition-codec.js';
import type { GraphEdge } from '../../src/domain/graph-node.js';
import type { Partition } from '../../src/domain/partition.js';
import { encodeScipPart } from '../../src/domain/scip/codec.js';
import { ROLE, type ScipDocument, type ScipOccurrence, type ScipPart, type ScipRange, type ScipSymbol } from '../../src/domain/scip/scip-index.js';
import { createMemoryFactStore } from '../../src/adapters/memory/fact-store.js';
import { dropImport, importScip, type ImportOutcome, type ImportScipRequest } from '../../src/use-cases/import-scip.js';
import { exportFiles } from '../../src/use-cases/queries/export-snapshot.js';
import { verifySnapshot } from '../../src/use-cases/queries/verify-snapshot.js';
import { VERSION, workbench, type Workbench } from './workbench.js';

/** `main.toy` is parsed by codeloom, which cannot tell that `mystery` is `hidden`; of Go it knows nothing. */
const FILES = {
  'main.toy': 'import ./store\ndef main\n  call store.save\n  call mystery\n',
  'store.toy': 'def save\ndef hidden\n',
  'app/server.go': 'package app\n\ntype Server struct{}\n\nfunc (s *Server) é() { Listen(1) }\n\nfunc Listen(port int) { fmt.Println(port) }\n',
};
const SAVE = 'scip-toy . shop . store/save().';
const MYSTERY = 'scip-toy . shop . store/mystery().';
const SERVER = 'scip-go gomod app . app/Server#';
const ACCENT = 'scip-go gomod app . app/Server#`é`().';
const LISTEN = 'scip-go gomod app . app/Listen().';

function occurrence(range: ScipRange, symbol: string, more: Partial<ScipOccurrence> = {}): ScipOccurrence {
  return { range, symbol, roles: 0, syntax: 0, ...more };
}
function defined(range: ScipRange, symbol: string, enclosing?: ScipRange): ScipOccurrence {
  return occurrence(range, symbol, { roles: ROLE.definition, ...(enclosing === undefined ? {} : { enclosing }) });
}
function symbol(name: string, more: Partial<ScipSymbol> = {}): ScipSymbol {
  return { symbol: name, documentation: [], relationships: [], kind: 0, displayName: '', ...more };
}

const STORE: ScipDocument = { path: 'store.toy', language: 'Toy', encoding: 'utf-16', symbols: [], occurrences: [defined([0, 4, 0, 8], SAVE), defined([1, 4, 1, 10], MYSTERY)] };
const MAIN: ScipDocument = {
  path: 'main.toy', language: 'Toy', encoding: 'utf-16', symbols: [],
  occurrences: [occurrence([2, 13, 2, 17], SAVE), occurrence([3, 7, 3, 14], MYSTERY), occurrence([99, 0, 99, 1], SAVE), occurrence([1, 0, 1, 1], 'no symbol')],
};
/** In bytes, as Go counts: `é` takes two. */
const GO: ScipDocument = {
  path: 'app/server.go', language: 'Go', encoding: 'utf-8', symbols: [symbol(SERVER, { kind: 49, displayName: 'Server', documentation: ['Serves.'] }), symbol(LISTEN, { kind: 17, displayName: 'Listen', signature: { language: 'go', text: 'func Listen(port int)' } })],
  occurrences: [
    defined([2, 5, 2, 11], SERVER, [2, 0, 2, 20]), defined([4, 17, 4, 19], ACCENT, [4, 0, 4, 35]), occurrence([4, 9, 4, 15], SERVER), occurrence([4, 24, 4, 30], LISTEN),
    defined([6, 5, 6, 11], LISTEN, [6, 0, 6, 43]), defined([6, 12, 6, 16], `${LISTEN}(port)`), occurrence([6, 24, 6, 27], 'scip-go gomod github.com/golang/go/std go1 fmt/'), occurrence([6, 28, 6, 35], 'scip-go gomod github.com/golang/go/std go1 fmt/Println().'),
  ],
};

function indexOf(documents: readonly ScipDocument[], { tool = 'scip-toy', root = 'file:///elsewhere' } = {}): Uint8Array {
  const parts: ScipPart[] = [{ part: 'metadata', metadata: { tool, toolVersion: '1', projectRoot: root } }, ...documents.map((document) => ({ part: 'document', document }) as const)];
  return Buffer.concat(parts.map(encodeScipPart));
}

async function* bytes(content: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < content.length; at += 50) yield content.subarray(at, at + 50);
}

async function indexed(files: Readonly<Record<string, string>> = FILES): Promise<Workbench> {
  const bench = workbench(files);
  await bench.index();
  bench.clock.advance(1000);
  return bench;
}

function load({ ports }: Workbench, content: Uint8Array, more: Partial<ImportScipRequest> = {}): Promise<ImportOutcome> {
  return importScip(ports, { index: bytes(content), ...more }, { indexerVersion: VERSION });
}

async function partitions({ ports }: Workbench, id?: string): Promise<Readonly<Record<string, Partition>>> {
  const [head] = await ports.graphStore.heads();
  const reader = await ports.graphStore.open(id ?? head?.id ?? '');
  const found: Record<string, Partition> = {};
  for await (const batch of reader.partitions()) for (const partition of batch) found[partition.path] = partition;
  await reader.close();
  return found;
}

const said = (edges: readonly GraphEdge[] | undefined, kind: string): string[] => (edges ?? []).filter((edge) => edge.kind === kind)
  .map(({ from, to, certainty, sites }) => `${from} -> ${to} ${certainty} ${sites.map((site) => `${site.line}:${site.column}${site.via === undefined ? '' : ` ${site.via}`}${site.source === undefined ? '' : ` ${site.source}`}`).join()}`);

const verified = (bench: Workbench) => verifySnapshot({ ...bench.ports, indexerVersion: VERSION, scratch: () => createMemoryFactStore() });

describe('importing a SCIP index', () => {
  it('resolves call sites that codeloom could not, and marks them; what it knew stays as it was', async () => {
    const bench = await indexed();
    const before = await partitions(bench);
    const outcome = await load(bench, indexOf([MAIN, STORE]));
    expect(outcome).toMatchObject({ status: 'indexed', imported: { source: 'scip:scip-toy', version: '1', root: '', documents: 2, unknown: 0, lost: 2 }, overlays: [{ files: 2, stale: 0, calls: 1, defined: 0, known: 1, contradicted: 0 }] });
    const { 'main.toy': main, 'store.toy': store } = await partitions(bench);
    expect(said(main?.edges, 'CALLS')).toEqual(['main.toy#main(). -> store.toy#hidden(). certain 4:8 scip:scip-toy', 'main.toy#main(). -> store.toy#save(). certain 3:14']);
    expect(before['main.toy']?.unresolved).toHaveLength(1);
    expect(main?.unresolved).toEqual([]);
    expect(before['main.toy']?.verdicts).toEqual({ resolved: 1, candidates: 0, external: 0, unresolved: 1 });
    expect(main?.verdicts).toEqual({ resolved: 2, candidates: 0, external: 0, unresolved: 0 });
    expect(store).toEqual(before['store.toy']);
  });

  it('brings files of languages that codeloom does not parse: definitions, references, and calls by ranges', async () => {
    const bench = await indexed();
    const { snapshot, overlays } = await load(bench, indexOf([GO], { tool: 'scip go' }));
    expect(overlays).toMatchObject([{ source: 'scip:scip_go', defined: 3, calls: 2, references: 2 }]);
    expect(snapshot.stats).toMatchObject({ files: 3, languages: { go: 1, toy: 2 } });
    const go = (await partitions(bench))['app/server.go'];
    expect(go?.language).toBe('go');
    expect(go?.nodes.map(({ id, kind, source }) => [kind, id, source])).toEqual([
      ['file', 'app/server.go', 'scip:scip_go'], ['class', 'app/server.go#Server#', 'scip:scip_go'], ['method', 'app/server.go#Server.é().', 'scip:scip_go'], ['function', 'app/server.go#Listen().', 'scip:scip_go'],
      ['external', 'external:github.com/golang/go/std', undefined], ['external', 'external:github.com/golang/go/std#Println', undefined],
    ]);
    expect(go?.nodes[1]).toMatchObject({ doc: 'Serves.', at: { line: 3, column: 6, offset: 18 }, range: { end: { line: 3, column: 21 } } });
    expect(said(go?.edges, 'CALLS')).toEqual(['app/server.go#Listen(). -> external:github.com/golang/go/std#Println certain 7:29 scip:scip_go', 'app/server.go#Server.é(). -> app/server.go#Listen(). certain 5:24 scip:scip_go']);
    expect(said(go?.edges, 'CONTAINS')).toEqual(['app/server.go -> app/server.go#Listen(). certain ', 'app/server.go -> app/server.go#Server# certain ', 'app/server.go#Server# -> app/server.go#Server.é(). certain ']);
    expect(said(go?.edges, 'REFERENCES')).toContain('app/server.go#Server.é(). -> app/server.go#Server# certain 5:10 scip:scip_go');
    expect(go?.verdicts).toEqual({ resolved: 1, candidates: 0, external: 1, unresolved: 0 });
    expect(decodePartition(encodePartition(go ?? ({} as Partition)))).toEqual(go);
  });

  it('the same one again changes nothing; a newer one of the tool takes its place', async () => {
    const bench = await indexed();
    const first = await load(bench, indexOf([MAIN, STORE, GO]));
    expect(await load(bench, indexOf([MAIN, STORE, GO]))).toMatchObject({ status: 'unchanged', snapshot: { id: first.snapshot.id, digest: first.snapshot.digest } });
    const next = await load(bench, indexOf([GO]));
    expect(next.snapshot.overlays).toHaveLength(1);
    expect((await partitions(bench))['main.toy']?.unresolved).toHaveLength(1);
    expect(await load(bench, indexOf([MAIN, STORE], { tool: 'other' }))).toMatchObject({ snapshot: { overlays: [{ source: 'scip:other' }, { source: 'scip:scip-toy' }] } });
    expect(await verified(bench)).toMatchObject({ ok: true, checks: [{}, {}, { status: 'ok' }] });
  });

  it('is taken along by later runs, for files whose content is the same; incremental equals clean', async () => {
    const bench = await indexed();
    await load(bench, indexOf([MAIN, STORE, GO]));
    bench.clock.advance(1000);
    bench.git.commit('shop', { ...FILES, 'README.md': 'x\n', 'other.toy': 'def other\n' });
    expect((await bench.index()).overlays).toMatchObject([{ files: 3, stale: 0, calls: 3 }]);
    expect((await partitions(bench))['main.toy']?.unresolved).toEqual([]);
    expect(await verified(bench)).toMatchObject({ ok: true, checks: [{}, {}, { status: 'ok' }] });

    // what it points at is gone, and what it says of that file no longer holds
    bench.clock.advance(1000);
    bench.git.commit('shop', { ...FILES, 'store.toy': 'def save\n' });
    const outcome = await bench.index();
    expect(outcome.overlays).toMatchObject([{ files: 2, stale: 1 }]);
    expect(outcome.notes.join()).toContain('1 of 3 files of scip:scip-toy have another text');
    const { 'main.toy': main } = await partitions(bench);
    expect(main?.edges.filter(({ to }) => to.startsWith('store.toy#hidden'))).toEqual([]);
    expect(await verified(bench)).toMatchObject({ ok: true, checks: [{}, {}, { status: 'ok' }] });

    bench.clock.advance(1000);
    bench.git.commit('shop', FILES);
    expect((await bench.index()).overlays).toMatchObject([{ files: 3, stale: 0 }]);
    expect(await verified(bench)).toMatchObject({ ok: true, checks: [{}, {}, { status: 'ok' }] });
  });

  it('takes an overload of what codeloom has for that, and makes a node of what it does not have', async () => {
    const bench = await indexed();
    const again = defined([0, 0, 0, 3], SAVE.replace('save()', 'save(+1)'));
    await load(bench, indexOf([{ ...STORE, occurrences: [...STORE.occurrences, again, defined([1, 0, 1, 3], 'scip-toy . shop . store/`odd name`.')] }]));
    expect((await partitions(bench))['store.toy']?.nodes.map(({ id, source }) => [id, source])).toEqual([
      ['store.toy', undefined], ['store.toy#save().', undefined], ['store.toy#`odd name`.', 'scip:scip-toy'], ['store.toy#hidden().', undefined],
    ]);
  });

  it('says what implements and overrides what', async () => {
    const bench = await indexed({ 'a.go': 'type I interface { Do() }\ntype T struct{}\nfunc (T) Do() {}\n' });
    const [I, T] = ['scip-go gomod a . I#', 'scip-go gomod a . T#'];
    const related = (to: string): ScipSymbol['relationships'] => [{ symbol: to, reference: false, implementation: true }];
    await load(bench, indexOf([{
      path: 'a.go', language: 'Go', encoding: 'utf-8', symbols: [symbol(I, { kind: 21 }), symbol(T, { kind: 49, relationships: related(I) }), symbol(`${T}Do().`, { kind: 26, relationships: related(`${I}Do().`) })],
      occurrences: [defined([0, 5, 0, 6], I), defined([0, 19, 0, 21], `${I}Do().`), defined([1, 5, 1, 6], T), defined([2, 9, 2, 11], `${T}Do().`)],
    }]));
    const go = (await partitions(bench))['a.go'];
    expect(said(go?.edges, 'IMPLEMENTS')).toEqual(['a.go#T# -> a.go#I# certain 2:6 scip:scip-toy']);
    expect(said(go?.edges, 'OVERRIDES')).toEqual(['a.go#T.Do(). -> a.go#I.Do(). certain 3:10 scip:scip-toy']);
  });

  it('can be taken out again, and leaves the graph as it was', async () => {
    const bench = await indexed();
    const [before] = await bench.ports.graphStore.heads();
    await load(bench, indexOf([MAIN, STORE, GO]));
    const { snapshot } = await dropImport(bench.ports, { source: 'scip:scip-toy' }, { indexerVersion: VERSION });
    expect(snapshot).toMatchObject({ id: before?.id, digest: before?.digest });
    await expect(dropImport(bench.ports, { source: 'scip:scip-toy' }, { indexerVersion: VERSION })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('finds its files below the folder that its paths are relative to', async () => {
    const bench = await indexed();
    expect(await load(bench, indexOf([{ ...GO, path: 'server.go' }]), { root: './app/' })).toMatchObject({ imported: { root: 'app/', documents: 1 } });
  });

  it('says so when it is of another source, or none, and leaves the snapshot as it was', async () => {
    const bench = await indexed();
    const [before] = await bench.ports.graphStore.heads();
    await expect(load(bench, indexOf([{ ...GO, path: 'elsewhere.go' }]))).rejects.toMatchObject({ code: 'invalid-index', message: expect.stringContaining('None of the 1 documents') });
    await expect(load(bench, indexOf([{ ...GO, text: 'package other\n' }]))).rejects.toMatchObject({ code: 'invalid-index' });
    const whole = indexOf([MAIN, STORE, GO]);
    for (const broken of [new Uint8Array(0), Buffer.from('{}'), whole.subarray(0, whole.length - 9)]) await expect(load(bench, broken)).rejects.toMatchObject({ code: 'invalid-index' });
    expect(await bench.ports.graphStore.heads()).toEqual([before]);
  });

  it('of our own export says nothing new', async () => {
    const bench = await indexed();
    const own: Uint8Array[] = [];
    for await (const chunk of exportFiles({ ...bench.ports, revisions: async () => bench.ports.gitHost }, { format: 'scip' })) own.push(chunk.bytes);
    const before = await partitions(bench);
    expect((await load(bench, Buffer.concat(own))).overlays).toMatchObject([{ source: 'scip:codeloom', defined: 0, calls: 0, references: 0, contradicted: 0 }]);
    expect(await partitions(bench)).toEqual(before);
  });
});
