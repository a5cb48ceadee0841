import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLine, type CommandLine } from './command-line.js';
import { secretFile } from '../../secrets/watch.js';

describe('stores, chosen on the command line', () => {
  let cli: CommandLine;
  const beside = (name: string): string => join(cli.folder, '..', name);
  beforeAll(() => {
    cli = createCommandLine({ 'a.ts': 'export function a(): void {}\nexport function b(): void { a() }\n' });
  });
  afterAll(() => cli.remove());

  it('lie where flags say, each by itself', async () => {
    const flags = ['--graph-store', 'sqlite:../graph', '--metadata-store', 'sqlite:../records'];
    const { code, stdout } = await cli.run('index', ...flags);
    expect(stdout).toContain(`graph sqlite:${beside('graph')}, metadata sqlite:${beside('records')}, facts sqlite:${beside('graph')}`);
    expect(code).toBe(0);
    expect(existsSync(cli.store)).toBe(false);
    expect((await cli.run('callers', 'a', ...flags)).stdout).toMatch(/\bb\b.*a\.ts:2/);
    expect(JSON.parse((await cli.run('status', '--json', ...flags)).stdout)).toMatchObject({ stores: { metadata: `sqlite:${beside('records')}` }, snapshots: 1 });
    expect((await cli.run('index', ...flags)).stdout).toContain('nothing to do');
    expect(await cli.run('callers', 'a')).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing has been indexed') });
  });

  it('lie where variables and the configuration file say', async () => {
    const environment = { CODELOOM_GRAPH_STORE: `sqlite:${beside('graph')}`, CODELOOM_METADATA_STORE: `sqlite:${beside('records')}` };
    expect((await cli.runWith({ environment }, 'callers', 'a')).stdout).toContain('a.ts:2');
    writeFileSync(beside('elsewhere.json'), '{ "graphStore": "sqlite:graph", "metadataStore": "sqlite:records" }');
    expect((await cli.run('callers', 'a', '--config', beside('elsewhere.json'))).stdout).toContain('a.ts:2');
  });

  it('answer from a graph whose records another machine keeps, when the repository is named', async () => {
    const flags = ['--graph-store', `sqlite:${beside('graph')}`, '--metadata-store', `sqlite:${beside('not-here')}`];
    const { stderr } = await cli.run('callers', 'a', ...flags);
    const id = /local\/repository-\w+/.exec(stderr)?.[0] ?? JSON.parse((await cli.run('status', '--json', '--graph-store', `sqlite:${beside('graph')}`, '--metadata-store', `sqlite:${beside('records')}`)).stdout).repository.id;
    expect((await cli.run('callers', 'a', '--repo', id, ...flags)).stdout).toContain('a.ts:2');
    expect(existsSync(beside('not-here'))).toBe(false);
  });

  it.each([
    ['--graph-store', 'postgres://ann:hunter2@db/graphs'],
    ['--graph-store', 'postgres://ann:hunter2@db/graphs', '--json'],
    ['--graph-store', 'postgres://ann:hunter2@db/graphs', '--verbose'],
    ['--graph-store=neo4j://ann:hunter2@db'],
    ['--graph-stroe=neo4j://ann:hunter2@db'],
    ['--metadata-store', 'postgres://db/graphs?password=hunter2'],
    ['--fact-cache', 'redis://:hunter2@db'],
    ['postgres://ann:hunter2@db/graphs', 'postgres://ann:hunter2@db/graphs'],
  ])('a password on the command line exits 2 and is not printed: %s %s %s', async (...argv) => {
    const { code, stdout, stderr } = await cli.run('index', ...argv);
    expect(`${stdout}${stderr}`).not.toContain('hunter2');
    expect(stderr).toMatch(/^error: /);
    expect(code).toBe(2);
  });

  it('a password in the configuration file exits 2 and is not printed; doctor says so', async () => {
    writeFileSync(secretFile(beside('leaky.json')), '{ "graphStore": "postgres://ann:hunter2@db/graphs" }');
    const indexed = await cli.run('index', '--config', beside('leaky.json'));
    expect(indexed).toMatchObject({ code: 2, stderr: expect.stringMatching(/leaky\.json: `graphStore`: a password does not belong here.*CODELOOM_POSTGRES_PASSWORD/) });
    const looked = await cli.run('doctor', '--config', beside('leaky.json'));
    expect(looked).toMatchObject({ code: 1, stdout: expect.stringMatching(/^FAIL +configuration .*password does not belong here[^]*^ok +store/m) });
    expect(`${indexed.stderr}${looked.stdout}`).not.toContain('hunter2');
  });

  it.each([['postgres', 'CODELOOM_POSTGRES_URL'], ['neo4j', 'CODELOOM_NEO4J_URL']])('%s without an address says what to set', async (name, variable) => {
    expect(await cli.run('index', '--graph-store', name)).toMatchObject({ code: 2, stderr: expect.stringContaining(variable) });
  });

  it('doctor looks at every folder that is named', async () => {
    const { code, stdout } = await cli.run('doctor', '--graph-store', `sqlite:${beside('graph')}`, '--metadata-store', `sqlite:${beside('records')}`);
    expect(stdout).toMatch(/^ok +store +.*graph\.db.*\n^ok +store +.*graph\.db/m);
    expect(code).toBe(0);
  });
});
