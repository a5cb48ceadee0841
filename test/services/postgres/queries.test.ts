import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createCodeloom } from 'codeloom';
import { createPostgresStores } from 'codeloom/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from '../../documents/blocks.js';
import { dropSchema, freshSchema, serverUrl, sql, type Query } from './server.js';

const url = serverUrl();
const schema = freshSchema();
const [block] = blocksOf('docs/postgres-schema.md').filter(({ language }) => language === 'sql');
const questions = (block?.text ?? '').split(/^(?=-- \d+\. )/m).filter((text) => text.startsWith('-- '));

describe('the questions of docs/postgres-schema.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-queries-'));

  beforeAll(async () => {
    const git = (...argv: string[]): void => void execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...argv], { cwd: folder });
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    git('init', '--quiet', '--initial-branch', 'main');
    write('src/cart.ts', "import { readFileSync } from 'node:fs';\nexport class Cart {\n  /** In cents. */\n  total(): number {\n    return readFileSync('x').length;\n  }\n}\nfunction forgotten(): void {}\n");
    write('src/shop.ts', "import { Cart } from './cart.js';\nexport function checkout(): number {\n  return new Cart().total();\n}\nexport function buy(thing: any): number {\n  thing.reserve();\n  return checkout();\n}\n");
    git('add', '.');
    git('commit', '--quiet', '-m', 'first');
    const stores = await createPostgresStores({ url, schema });
    const { graphStore, metadataStore, factStore } = stores;
    const codeloom = await createCodeloom({ store: 'memory', graphStore, metadataStore, factStore, workers: 1 });
    await codeloom.index({ location: folder });
    write('src/more.ts', "import { buy } from './shop.js';\nbuy(1);\n");
    git('add', '.');
    git('commit', '--quiet', '-m', 'second');
    await codeloom.index({ location: folder });
    await expect(codeloom.index({ location: folder, ref: 'nowhere' })).rejects.toMatchObject({ code: 'unknown-ref' });
    await codeloom.close();
    await stores.close();
  }, 120_000);
  afterAll(async () => {
    await dropSchema(schema);
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = <T>(work: (query: Query) => Promise<T>) => sql(url, async (query) => {
    await query(`SET search_path TO "${schema}"`);
    return work(query);
  });

  it('are at least ten', () => {
    expect(questions.length).toBeGreaterThanOrEqual(10);
  });

  it.each(questions.map((text) => [/^-- (.*)$/m.exec(text)?.[1] ?? '', text]))('%s', async (_, text) => {
    expect((await ask((query) => query(text))).length).toBeGreaterThan(0);
  });

  it('are answered rightly', async () => {
    const answers = await ask(async (query) => {
      const all: (readonly Record<string, unknown>[])[] = [];
      for (const text of questions) all.push(await query(text));
      return all;
    });
    expect(answers[0]).toMatchObject([{ branch: 'main', files: 3 }]);
    expect(answers[1]).toEqual([{ from_id: 'src/shop.ts#checkout().', certainty: 'certain', path: 'src/shop.ts', sites: '3:21' }]);
    expect(answers[2]).toMatchObject([{ id: 'src/cart.ts#Cart.total().', kind: 'method', line: 4 }]);
    expect(answers[4]?.map(({ id }) => id)).toEqual(['src/cart.ts#forgotten().']);
    expect(answers[5]?.map(({ id, depth }) => [id, depth])).toEqual(expect.arrayContaining([['src/shop.ts#checkout().', 1], ['src/shop.ts#buy().', 2], ['src/more.ts', 3]]));
    expect(answers[6]).toEqual([{ package: 'node:fs', files: '1' }]);
    expect(answers[7]?.[0]).toMatchObject({ name: 'reserve', calls: '1' });
    expect(answers[8]).toEqual([{ path: 'src/more.ts', change: 'added' }]);
    expect(answers[9]).toHaveLength(2);
    expect(answers[11]?.map(({ stage }) => stage)).toEqual(expect.arrayContaining(['acquire', 'extract', 'link', 'publish']));
  });

  it('find their rows by an index where they name a symbol', async () => {
    await ask(async (query) => {
      await query('SET enable_seqscan = off');
      const plan = (await query("EXPLAIN SELECT * FROM edges WHERE to_id = 'src/cart.ts#Cart.total().'")).map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain('graph_symbol_id');
      expect(plan).toContain('graph_edge_dst');
    });
  });
});
