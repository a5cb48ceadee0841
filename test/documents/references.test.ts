import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents, read, root } from './blocks.js';

describe('documents', () => {
  it.each(documents)('%s has links that lead somewhere', (document) => {
    const targets = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target ?? '');
    expect(targets.filter((target) => !existsSync(join(root, document, '..', target)))).toEqual([]);
  });

  it.each(documents)('%s has links to headings that are there', (document) => {
    const anchors = [...read(document).matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)];
    const lost = anchors.filter(([, file = '', anchor = '']) => !headings(file === '' ? document : join(document, '..', file)).has(anchor));
    expect(lost.map(([link]) => link)).toEqual([]);
  });

  it.each(documents)('%s names files that are there', (document) => {
    // whole paths only: what has a wildcard or a part to fill in names several
    const named = [...read(document).matchAll(/`((?:src|test|docs|scripts|bench|examples)\/[\w./-]+)`/g)].map(([, path]) => path ?? '');
    const home = document.startsWith('examples/') ? join(document, '..') : '.';
    expect(named.filter((path) => !existsSync(join(root, home, path)) && !existsSync(join(root, path)))).toEqual([]);
  });

  it('docs/library.md names every export', () => {
    const document = read('docs/library.md');
    const names = [...`${read('src/index.ts')}${read('src/testing.ts')}${read('src/neo4j.ts')}${read('src/postgres.ts')}`.matchAll(/export (?:type )?\{([^}]*)\}|export \* as (\w+)/g)].flatMap(([, list, namespace]) => (list ?? namespace ?? '').split(','))
      .map((entry) => entry.trim().replace(/^type /, '').replace(/^.* as /, '')).filter((name) => name !== '');
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(document))).toEqual([]);
  });

  it('docs/temporal.md names every export of codeloom/temporal', () => {
    const names = [...read('src/temporal.ts').matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) => list.split(',')).map((entry) => entry.trim().replace(/^type /, '')).filter((name) => name !== '');
    expect(names.length).toBeGreaterThan(20);
    const document = read('docs/temporal.md');
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(document))).toEqual([]);
  });

  it('docs/library.md names every code of an error', () => {
    const [, list = ''] = /export type ErrorCode =([^;]*);/.exec(read('src/domain/errors.ts')) ?? [];
    const codes = [...list.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code);
    expect(codes.length).toBeGreaterThan(20);
    const document = read('docs/library.md');
    expect(codes.filter((code) => !document.includes(`\`${code}\``))).toEqual([]);
  });
});

/** Anchors as GitHub makes them of headings. */
function headings(document: string): Set<string> {
  return new Set([...read(document).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')));
}
