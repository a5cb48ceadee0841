import { describe, expect, it } from 'vitest';
import { resolveSymbol } from '../../../src/domain/querying/resolve-symbol.js';
import { definition, edge, external, partition } from '../../../src/testing/contracts/sample-graph.js';
import { contains, member, readerOf } from './sample-reader.js';

const App = definition({ path: 'src/app.ts', name: 'App', kind: 'class', line: 3 });
const listen = member(App, 'listen', 'method', 5);
const listenFunction = definition({ path: 'lib/server.ts', name: 'listen', line: 1 });
const Server = definition({ path: 'lib/server.ts', name: 'Server', kind: 'class', line: 10 });
const close = member(Server, 'close', 'method', 11);
const closeApp = member(App, 'close', 'method', 8);
const inner = member(listen, 'retry', 'function', 6);

const reader = await readerOf([
  partition('src/app.ts', { nodes: [App, listen, inner, closeApp, external('http', 'listen'), external('http', 'retry')] }),
  partition('lib/server.ts', { nodes: [listenFunction, Server, close] }),
]);

async function resolved(text: string): Promise<string | readonly string[]> {
  const resolution = await resolveSymbol(reader, text);
  if (resolution.kind === 'found') return resolution.node.id;
  return resolution.kind === 'ambiguous' ? resolution.candidates.map((node) => node.id) : [];
}

describe('resolving what a person typed', () => {
  it('takes an id', async () => {
    expect(await resolved('src/app.ts#App.listen().')).toBe(listen.id);
    expect(await resolved('src/app.ts')).toBe('src/app.ts');
    expect(await resolved('./src/app.ts')).toBe('src/app.ts');
  });

  it('takes a qualified name, also with parentheses', async () => {
    expect(await resolved('App.listen')).toBe(listen.id);
    expect(await resolved('App.listen()')).toBe(listen.id);
    expect(await resolved(' App ')).toBe(App.id);
  });

  it('prefers a qualified name to a bare one', async () => {
    expect(await resolved('listen')).toBe(listenFunction.id);
  });

  it('names what a bare name fits too', async () => {
    expect(await resolveSymbol(reader, 'listen')).toMatchObject({ kind: 'found', node: { id: listenFunction.id }, others: [{ id: listen.id }] });
    expect(await resolveSymbol(reader, 'App.listen')).not.toHaveProperty('others');
    expect(await resolveSymbol(reader, 'App')).not.toHaveProperty('others');
  });

  it('takes a bare name that only one symbol has', async () => {
    expect(await resolved('retry')).toBe(inner.id);
  });

  it('takes the end of a qualified name', async () => {
    expect(await resolved('listen.retry')).toBe(inner.id);
  });

  it('gives the candidates of an ambiguous name by place', async () => {
    expect(await resolved('close')).toEqual([close.id, closeApp.id]);
  });

  it('takes a member that a class inherits by the name of the class', async () => {
    const Base = definition({ path: 'src/base.ts', name: 'Base', kind: 'class', line: 1 });
    const route = member(Base, 'route', 'method', 2);
    const Middle = definition({ path: 'src/middle.ts', name: 'Middle', kind: 'class', line: 1 });
    const Leaf = definition({ path: 'src/middle.ts', name: 'Leaf', kind: 'class', line: 5 });
    const inheriting = await readerOf([
      partition('src/base.ts', { nodes: [Base, route], edges: [...contains(Base, route)] }),
      partition('src/middle.ts', { nodes: [Middle, Leaf], edges: [edge(Middle, Base, { kind: 'EXTENDS' }), edge(Leaf, Middle, { kind: 'EXTENDS' })] }),
    ]);
    expect(await resolveSymbol(inheriting, 'Leaf.route')).toMatchObject({ kind: 'found', node: { id: route.id } });
    expect(await resolveSymbol(inheriting, 'Leaf.gone')).toMatchObject({ kind: 'unknown' });
  });

  it('takes a path and a name, and the end of a path', async () => {
    expect(await resolved('src/app.ts#close')).toBe(closeApp.id);
    expect(await resolved('app.ts#App.close')).toBe(closeApp.id);
    expect(await resolved('app.ts')).toBe('src/app.ts');
    expect(await resolved('lib/server.ts#close')).toBe(close.id);
  });

  it('takes a place: what is declared on the line, else the innermost definition around it, else the file', async () => {
    expect(await resolved('src/app.ts:5')).toBe(listen.id);
    expect(await resolved('app.ts:8:10')).toBe(closeApp.id);
    expect(await resolved('src/app.ts:9')).toBe(closeApp.id);
    expect(await resolved('src/app.ts:90')).toBe('src/app.ts');
  });

  it('puts own symbols before externals, and finds externals by name when there is nothing else', async () => {
    expect(await resolved('retry')).toBe(inner.id);
    expect(await resolved('http.listen')).toBe('external:http#listen');
  });

  it.each([
    ['Sevrer', 'Server'], ['sorver', 'Server'], ['Xerver', 'Server'], ['lsten', 'listen'], ['App.lisetn', 'App.listen'], ['Ap.listen', 'App.listen'], ['clsoe', 'App.close'], ['lib/sevrer.ts', 'lib/server.ts'],
  ])('suggests first what is a few keystrokes away: %s', async (typed, meant) => {
    expect(await resolveSymbol(reader, typed)).toMatchObject({ kind: 'unknown', suggestions: expect.arrayContaining([meant]) });
    expect((await resolveSymbol(reader, typed) as { suggestions: readonly string[] }).suggestions[0]).toBe(meant);
  });

  it('suggests what comes near when nothing fits', async () => {
    expect(await resolveSymbol(reader, 'App.liste')).toEqual({ kind: 'unknown', suggestions: ['App.listen', 'listen', 'App.listen.retry'] });
    expect(await resolveSymbol(reader, 'Serverr')).toEqual({ kind: 'unknown', suggestions: ['Server', 'Server.close'] });
    expect(await resolveSymbol(reader, 'lib/serve.ts')).toEqual({ kind: 'unknown', suggestions: ['lib/server.ts'] });
    expect(await resolveSymbol(reader, 'src/app.ts:4000')).toEqual({ kind: 'unknown', suggestions: [], beyond: { path: 'src/app.ts', lines: expect.any(Number) } });
    expect(await resolveSymbol(reader, 'app.ts:0')).toMatchObject({ kind: 'unknown', beyond: { path: 'src/app.ts' } });
    expect(await resolveSymbol(reader, 'none.ts:3')).toEqual({ kind: 'unknown', suggestions: [] });
    expect(await resolveSymbol(reader, 'zzz')).toEqual({ kind: 'unknown', suggestions: [] });
  });
});
