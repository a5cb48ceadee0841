import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createTreeSitterParser } from '../../src/adapters/tree-sitter/parser.js';
import { decodeFacts } from '../../src/domain/facts-codec.js';
import type { FileFacts } from '../../src/domain/file-facts.js';
import { isConfiguration } from '../../src/domain/linking/languages/index.js';
import { linkSnapshot } from '../../src/domain/linking/link-snapshot.js';
import { compareText, type Partition } from '../../src/domain/partition.js';

const root = fileURLToPath(new URL('../languages/', import.meta.url));
const parser = createTreeSitterParser({ workers: 0 });
afterAll(() => parser.close());

describe('law 6: every call site has one verdict', () => {
  for (const language of readdirSync(root).filter((name) => statSync(join(root, name)).isDirectory())) {
    it(`in every fixture of ${language}`, async () => {
      const folders = readdirSync(join(root, language, 'fixtures'));
      expect(folders.length).toBeGreaterThan(0);
      let sites = 0;
      for (const folder of folders) {
        const facts = await factsOf(join(root, language, 'fixtures', folder));
        for (const partition of link(join(root, language, 'fixtures', folder), facts)) {
          const own = facts.get(partition.path)?.sites ?? [];
          sites += own.length;
          expect(accountOf(partition), `${folder}/${partition.path}`).toEqual({ sites: own.length, unresolved: partition.verdicts.unresolved });
        }
      }
      expect(sites).toBeGreaterThan(100);
    });
  }
});

/** The verdicts added up, and the sites recorded as unresolved. */
function accountOf({ verdicts, unresolved }: Partition): { sites: number; unresolved: number } {
  return { sites: verdicts.resolved + verdicts.candidates + verdicts.external + verdicts.unresolved, unresolved: unresolved.length };
}

async function factsOf(folder: string): Promise<Map<string, FileFacts>> {
  const inputs = filesBelow(folder).flatMap((path) => {
    const language = parser.languageOf(path);
    return language === undefined ? [] : [{ key: path, language, bytes: readFileSync(join(folder, path)) }];
  });
  const facts = new Map<string, FileFacts>();
  for await (const output of parser.extract(inputs)) facts.set(output.key, decodeFacts(output.facts));
  return facts;
}

function link(folder: string, facts: ReadonlyMap<string, FileFacts>): Iterable<Partition> {
  const paths = new Set(filesBelow(folder));
  const sources = [...facts].sort(([a], [b]) => compareText(a, b)).map(([path, each]) => ({ path, blob: '0'.repeat(40), language: each.language, version: '', facts: () => each }));
  return linkSnapshot({ sources, context: { paths, configuration: (path) => (isConfiguration(path) && paths.has(path) ? readFileSync(join(folder, path), 'utf8') : undefined) } });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/')).filter((path) => statSync(join(folder, path)).isFile()).sort(compareText);
}
