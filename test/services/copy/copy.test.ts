import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLine, type CommandLine, type Outcome } from '../../adapters/cli/command-line.js';
import { environment, neo4jPlace, postgresPlace, servers, type Place } from '../places.js';

/** The command as it is installed, on real servers. */
describe.skipIf(servers.postgres === '' || servers.neo4j === '')('the command, on servers', () => {
  let cli: CommandLine;
  const [postgres, neo4j]: [Place, Place] = [postgresPlace(), neo4jPlace()];
  const beside = (name: string): string => join(cli.folder, '..', name);
  const run = (...argv: string[]): Promise<Outcome> => cli.runWith({ environment }, ...argv);
  const answerOf = async (...argv: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await run(...argv, '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    cli = createCommandLine({ 'io.ts': 'export function save(): void {}\n', 'shop.ts': "import { save } from './io.js';\nexport function open(): void { save() }\n" });
    await run('index');
    cli.write({ 'more.ts': "import { save } from './io.js';\nexport function close(): void { save() }\n" });
    cli.git('add', '--all');
    cli.git('commit', '--quiet', '--message', 'second');
    await run('index');
  });
  afterAll(async () => {
    cli.remove();
    await postgres.remove();
    await neo4j.remove();
  });

  it('copies from SQLite to PostgreSQL and on to Neo4j; every place gives the same answers', async () => {
    const here = await answerOf('callers', 'save');
    const first = await answerOf('copy', '--to', postgres.text);
    expect(first).toMatchObject({ snapshots: [{ created: true, head: false }, { created: true, head: true }], runs: 2 });
    expect(await answerOf('callers', 'save', '--graph-store', postgres.text)).toEqual(here);
    expect(await answerOf('verify', '--graph-store', postgres.text)).toMatchObject({ ok: true });

    const to = `graph=${neo4j.text},metadata=sqlite:${beside('copied')},facts=sqlite:${beside('copied')}`;
    expect(await answerOf('copy', '--from', postgres.text, '--to', to, '--facts')).toMatchObject({ snapshots: [{ created: true }, { created: true }] });
    const there = ['--graph-store', neo4j.text, '--metadata-store', `sqlite:${beside('copied')}`, '--fact-store', `sqlite:${beside('copied')}`];
    expect(await answerOf('callers', 'save', ...there)).toEqual(here);
    expect(await answerOf('history', ...there)).toEqual(await answerOf('history'));
  });

  it('writes nothing twice, and proves all again', async () => {
    const { stdout, code } = await run('copy', '--to', postgres.text);
    expect(stdout).toMatch(/2 snapshots proved, 0 of them copied now/);
    expect(code).toBe(0);
  });

  it('goes on from where it was copied to: an index there finds it current, and a change costs what changed', async () => {
    expect((await run('index', '--graph-store', postgres.text)).stdout).toContain('nothing to do');
    cli.write({ 'io.ts': 'export function save(): void {}\nexport function load(): void {}\n' });
    const { stdout, code } = await run('index', '--graph-store', postgres.text);
    expect(stdout).toMatch(/Data +postgres\?schema=\w+\n/);
    expect(stdout).toMatch(/1 changed, 0 removed; 1 written/);
    expect(code).toBe(0);
  });

  it('keeps a newer head of the target, and refuses to copy a place into itself', async () => {
    const newer = JSON.stringify(await answerOf('status', '--graph-store', postgres.text));
    await run('copy', '--to', postgres.text);
    expect(JSON.stringify(await answerOf('status', '--graph-store', postgres.text))).toBe(newer);
    expect(await run('copy', '--from', postgres.text, '--to', postgres.text)).toMatchObject({ code: 2, stderr: expect.stringContaining('the same store') });
  });

  it('indexes into Neo4j with one word, the rest beside the repository\'s data', async () => {
    const place = neo4jPlace();
    const store = ['--store', beside('rest')];
    try {
      expect(await run('index', '--graph-store', place.text, ...store)).toMatchObject({ code: 0 });
      expect((await run('callers', 'save', '--graph-store', place.text, ...store)).stdout).toMatch(/open[^]*shop\.ts:2/);
      expect(existsSync(join(beside('rest'), 'graph.db'))).toBe(true);
    } finally {
      await place.remove();
    }
  });

  it('doctor looks at both servers', async () => {
    const { stdout, code } = await run('doctor', '--graph-store', neo4j.text, '--metadata-store', postgres.text);
    expect(stdout).toMatch(/^ok +PostgreSQL +\d[^]*^ok +PostgreSQL schema/m);
    expect(stdout).toMatch(/^ok +Neo4j +\d[^]*^ok +Neo4j schema/m);
    expect(code).toBe(0);
  });

  it('a wrong password is told at once, and nowhere repeated', async () => {
    for (const [name, variable, address] of [['postgres', 'CODELOOM_POSTGRES_URL', servers.postgres], ['neo4j', 'CODELOOM_NEO4J_URL', servers.neo4j]] as const) {
      const url = new URL(address);
      url.password = 'hunter2';
      const begun = Date.now();
      const { code, stdout, stderr } = await cli.runWith({ environment: { [variable]: url.href } }, 'index', '--graph-store', name, '--verbose');
      expect(Date.now() - begun).toBeLessThan(30_000);
      expect(code).toBe(2);
      expect(`${stdout}${stderr}`).not.toContain('hunter2');
    }
  });
});
