import { describe, expect, it } from 'vitest';
import { score } from '../../bench/accuracy/score.mjs';

// Two files; a class with a constructor and a method; a function that calls them and an untyped value's method.
const TRUTH = [
  { t: 'meta', name: 'small' },
  { t: 'file', id: 'F0', path: 'a.ts' }, { t: 'file', id: 'F1', path: 'b.ts' },
  { t: 'def', id: 0, kind: 'class', name: 'Store', file: 'F0', line: 2, start: 1 },
  { t: 'def', id: 1, kind: 'constructor', name: 'constructor', file: 'F0', line: 3, start: 3, parent: 0, ctor: 1 },
  { t: 'def', id: 2, kind: 'method', name: '#save', file: 'F0', line: 5, start: 5, parent: 0 },
  { t: 'def', id: 3, kind: 'function', name: 'main', file: 'F1', line: 3, start: 3 },
  { t: 'def', id: 4, kind: 'variable', name: 'local', file: 'F1', line: 4, start: 4, opt: 1 },
  { t: 'def', id: 5, kind: 'function', name: 'helper', file: 'F1', line: 9, start: 9, also: [[8, 8]] },
  { t: 'def', id: 6, kind: 'interface', name: 'Kept', file: 'F0', line: 9, start: 9 },
  { t: 'call', from: 3, to: 0, altTo: [1], via: 'new', line: 4 },
  { t: 'call', from: 3, to: 2, via: 'method', line: 5 },
  { t: 'call', from: 'F1', to: 3, via: 'direct', line: 12, opt: 1 },
  { t: 'unk', from: 3, name: 'helper' },
  { t: 'ref', from: 'F1', to: 5 },
  { t: 'import', from: 'F1', to: 'F0' },
  { t: 'inherit', k: 'implements', from: 0, to: 6 },
];
const file = (path: string) => ({ type: 'node', id: path, kind: 'file', file: path });
const node = (id: string, kind: string, place: string) => ({ type: 'node', id, kind, name: id, file: place.split(':')[0], line: Number(place.split(':')[1]) });
const edge = (kind: string, from: string, to: string, rest: object = {}) => ({ type: 'edge', kind, from, to, ...rest });
const NODES = [
  file('a.ts'), file('b.ts'), node('Store', 'class', 'a.ts:2'), node('constructor', 'constructor', 'a.ts:3'), node('save', 'method', 'a.ts:5'),
  node('Kept', 'interface', 'a.ts:9'), node('main', 'function', 'b.ts:3'), node('helper', 'function', 'b.ts:8'),
];

describe('scoring a graph against a truth', () => {
  it('finds definitions by name and any line of their heads, and private names without their mark', () => {
    expect(score(TRUTH, NODES).definitions).toMatchObject({ precision: 1, recall: 1, right: 6, byKind: { method: { right: 1 } }, files: { right: 2 } });
  });

  it('holds what is not there against a graph, but not locals', () => {
    const { definitions, wrong } = score(TRUTH, [...NODES.slice(0, -1), node('local', 'variable', 'b.ts:4'), node('local', 'variable', 'b.ts:5'), node('field', 'field', 'b.ts:6')]);
    expect(definitions).toMatchObject({ right: 5, missed: 1, wrong: 1 });
    expect(wrong).toEqual([{ kind: 'definitions', category: 'definition of kind variable', what: 'local b.ts:5' }]);
  });

  it('takes a constructor for its class as the callee of `new`', () => {
    for (const callee of ['Store', 'constructor']) expect(score(TRUTH, [...NODES, edge('CALLS', 'main', callee)]).calls).toMatchObject({ found: 1, required: 2, precision: 1, byVia: { new: { right: 1 }, method: { missed: 1 } } });
    expect(score(TRUTH, [...NODES, edge('CALLS', 'main', 'Store'), edge('CALLS', 'main', 'constructor')]).calls).toMatchObject({ found: 1, wrong: 0, precision: 1 });
  });

  it('counts neither optional calls nor those of a name that the oracles could not resolve', () => {
    expect(score(TRUTH, [...NODES, edge('CALLS', 'b.ts', 'main'), edge('CALLS', 'main', 'helper')]).calls).toMatchObject({ precision: null, wrong: 0, uncounted: { optional: 1, 'unknown to the oracles': 1 } });
  });

  it('says what is wrong with a call', () => {
    const calls = [edge('CALLS', 'b.ts', 'helper'), edge('CALLS', 'helper', 'main'), edge('CALLS', 'Store', 'local')];
    const { wrong } = score(TRUTH, [...NODES, node('local', 'variable', 'b.ts:40'), ...calls]);
    expect(wrong.filter(({ kind }) => kind === 'CALLS').map(({ category }) => category)).toEqual(['a reference, not a call', 'no call of that name there', 'the callee is no definition']);
  });

  it('keeps candidates apart, and says which missed calls are among them', () => {
    const { calls, missed } = score(TRUTH, [...NODES, edge('CALLS', 'main', 'save', { certainty: 'candidate' }), edge('CALLS', 'main', 'Kept', { certainty: 'candidate' })]);
    expect(calls).toMatchObject({ precision: null, found: 0, missed: 2, candidates: { right: 1, wrong: 1, missedAmongCandidates: 1 } });
    expect(missed.filter(({ amongCandidates }) => amongCandidates)).toMatchObject([{ category: 'method, across files' }]);
  });

  it('joins files by imports, and classes by what they extend and implement', () => {
    const { imports, implements: implemented, extends: extended } = score(TRUTH, [...NODES, edge('IMPORTS', 'b.ts', 'a.ts'), edge('IMPORTS', 'b.ts', 'Store'), edge('IMPORTS', 'a.ts', 'b.ts'), edge('EXTENDS', 'Store', 'Kept')]);
    expect(imports).toMatchObject({ right: 1, wrong: 1 });
    expect(implemented).toMatchObject({ right: 0, missed: 1 });
    expect(extended).toMatchObject({ wrong: 1 });
  });

  it('leaves out what lies in files that the truth does not cover, and refuses edges without ends', () => {
    const rows = [...NODES, file('c.ts'), node('other', 'function', 'c.ts:1'), edge('CALLS', 'main', 'other')];
    expect(score(TRUTH, rows)).toMatchObject({ edgesOutside: 1, calls: { wrong: 0 }, definitions: { wrong: 0 } });
    expect(() => score(TRUTH, [...NODES, edge('CALLS', 'main', 'nothing')])).toThrow('is no node');
  });
});
