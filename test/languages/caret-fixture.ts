import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFacts } from '../../src/domain/facts-codec.js';
import { EDGE_KINDS, type EdgeKind, type GraphEdge } from '../../src/domain/graph-node.js';
import { isConfiguration } from '../../src/domain/linking/languages/index.js';
import { linkSnapshot } from '../../src/domain/linking/link-snapshot.js';
import { compareText, type Partition } from '../../src/domain/partition.js';
import { createTreeSitterParser } from '../../src/adapters/tree-sitter/parser.js';

/**
 * A caret fixture is a folder of source files in which a comment under a line says what must come of the place its caret points at:
 *
 *     load('x');
 *     // <- load.ts#load().                       the place under the comment's own start: certain
 *       .then(save);
 *     //      ^ REFERENCES save.ts#save().        another kind of edge
 *     x.run();
 *     //^ ? a.ts#A.run(). ? b.ts#B.run().         candidates, all of them
 *     y.run();
 *     //^ unresolved untyped-parameter
 *     z.run();
 *     //^ external:pkg#run
 *     w.run();
 *     //^ nothing                                 no edge of that kind starts here
 *
 * What is written is all there may be: an edge that no comment names, at a place a comment points at, fails too. `#` starts a comment in Python.
 */
export interface Expectation {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly kind: EdgeKind;
  /** `certain id`, `candidate id`, `unresolved reason`; sorted. */
  readonly expected: readonly string[];
  readonly text: string;
}

/** The expectations of every source file below a folder. */
export function readExpectations(folder: string): Expectation[] {
  return sourceFiles(folder).flatMap((path) => expectationsOf(path, readFileSync(join(folder, path), 'utf8')));
}

function expectationsOf(path: string, text: string): Expectation[] {
  const out: Expectation[] = [];
  let source = 0;
  text.split('\n').forEach((content, index) => {
    const match = /^(\s*)(\/\/|#)( *)(\^|<-) +(\S.*)$/.exec(content);
    if (match === null) {
      source = index + 1;
      return;
    }
    const [, indent = '', comment = '', gap = '', pointer = '', rest = ''] = match;
    const column = indent.length + 1 + (pointer === '^' ? comment.length + gap.length : 0);
    const words = rest.trim().split(/\s+/);
    const kind = EDGE_KINDS.find((candidate) => candidate === words[0]);
    if (kind !== undefined) words.shift();
    const expected: string[] = [];
    for (let at = 0; at < words.length; at++) {
      const word = words[at] ?? '';
      if (word === 'nothing') continue;
      if (word === '?') expected.push(`candidate ${words[++at] ?? ''}`);
      else if (word === 'unresolved') expected.push(`unresolved ${words[++at] ?? ''}`);
      else expected.push(`certain ${word}`);
    }
    out.push({ path, line: source, column, kind: kind ?? 'CALLS', expected: expected.sort(compareText), text: `${path}:${source}:${column} ${rest.trim()}` });
  });
  return out;
}

/** What linking the folder gives at a place. */
export function found(partitions: readonly Partition[], expectation: Expectation): string[] {
  const partition = partitions.find((candidate) => candidate.path === expectation.path);
  if (partition === undefined) return ['no such file'];
  const here = (site: { readonly line: number; readonly column: number }): boolean => site.line === expectation.line && site.column === expectation.column;
  // an edge without a site (OVERRIDES) starts where its source is named
  const named = new Set<string>(partition.nodes.filter((node) => node.at !== undefined && here(node.at)).map((node) => node.id));
  const starts = (edge: GraphEdge): boolean => (edge.sites.length === 0 ? named.has(edge.from) : edge.sites.some(here));
  const out = partition.edges.filter((edge) => edge.kind === expectation.kind && starts(edge)).map((edge) => `${edge.certainty} ${edge.to}`);
  if (expectation.kind === 'CALLS') for (const site of partition.unresolved) if (here(site)) out.push(`unresolved ${site.reason}`);
  return out.sort(compareText);
}

/** Extracts and links a folder of source files as a snapshot of its own. */
export async function linkFolder(folder: string): Promise<Partition[]> {
  const parser = createTreeSitterParser({ workers: 0 });
  try {
    const paths = allFiles(folder);
    const inputs = paths.flatMap((path) => {
      const language = parser.languageOf(path);
      return language === undefined ? [] : [{ key: path, language, bytes: readFileSync(join(folder, path)) }];
    });
    const facts = new Map<string, Uint8Array>();
    for await (const output of parser.extract(inputs)) facts.set(output.key, output.facts);
    const sources = [...facts].sort(([a], [b]) => compareText(a, b)).map(([path, bytes]) => ({ path, blob: '0'.repeat(40), facts: decodeFacts(bytes) })).map(({ facts: own, ...source }) => ({ ...source, language: own.language, version: '', facts: () => own }));
    const known = new Set(paths);
    return [...linkSnapshot({ sources, context: { paths: known, configuration: (path) => (isConfiguration(path) && known.has(path) ? readFileSync(join(folder, path), 'utf8') : undefined) } })];
  } finally {
    await parser.close();
  }
}

function allFiles(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below))
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      return statSync(join(folder, path)).isDirectory() ? allFiles(folder, path) : [path];
    })
    .sort(compareText);
}

function sourceFiles(folder: string): string[] {
  return allFiles(folder).filter((path) => /\.(?:[cm]?[jt]sx?|pyi?)$/.test(path));
}
