import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCommandLine, finished, PROGRAM, type CommandLine } from './command-line.js';

const FILES = { 'a.ts': 'export function load(): number { return 1 }\n', 'b.ts': "import { load } from './a.js';\nexport const total = load() + load();\n" };

describe('indexing on the command line', () => {
  let cli: CommandLine;
  afterEach(() => cli.remove());

  it('tells what was found, where the data lies and what to try next', async () => {
    cli = createCommandLine(FILES);
    const { code, stdout } = await cli.run('index', '.');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Repository {2}repository \(main, [0-9a-f]{12}\)\n/);
    expect(stdout).toMatch(/Files +2 \(.*2 typescript\)/);
    expect(stdout).toMatch(/Call sites +2: 100\.0 % resolved/);
    expect(stdout).toContain(cli.store);
    expect(stdout).toContain('codeloom callers load');
  });

  it('is quoted as npx started it, when the name alone may not be on the PATH', async () => {
    cli = createCommandLine(FILES);
    expect((await cli.runWith({ environment: { npm_command: 'exec' } }, 'index')).stdout).toContain('  npx codeloom callers load\n');
  });

  it('says that there is nothing to read, and where the names are that were looked for in vain', async () => {
    cli = createCommandLine({ 'README.md': 'text\n' });
    expect((await cli.run('index')).stdout).toMatch(/Files +0: nothing here that codeloom reads \(TypeScript/);
    expect(await cli.run('callers', 'load')).toMatchObject({ code: 1, stderr: expect.stringContaining('hint: Look for names with: codeloom symbols') });
  });

  it('explains what it leaves out unasked', async () => {
    cli = createCommandLine({ ...FILES, 'x.min.js': 'var x;\n' });
    expect((await cli.run('index')).stdout).toContain('1 excluded (dependencies, minified files, or not asked for)');
  });

  it('does not index its own data when they lie in the repository', async () => {
    cli = createCommandLine(FILES);
    await cli.run('index', '--store', 'graph');
    expect((await cli.run('index', '--store', 'graph')).stdout).toContain('nothing to do: this state is indexed already');
    expect(cli.git('status', '--porcelain')).toBe('');
  });

  it('compares an uncommitted state with the uncommitted one before it', async () => {
    cli = createCommandLine(FILES);
    cli.write({ 'a.ts': 'export function load(): number { return 2 }\n' });
    await cli.run('index');
    cli.write({ 'c.ts': 'export function third(): void {}\n' });
    await cli.run('index');
    const { code, stdout } = await cli.run('diff');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\+ +function +third/);
    expect(stdout).not.toContain('a.ts');
  });

  it('does nothing the second time and says so; parses only what changed the third', async () => {
    cli = createCommandLine(FILES);
    await cli.run('index');
    expect((await cli.run('index')).stdout).toContain('nothing to do: this state is indexed already');
    cli.write({ 'a.ts': 'export function load(): number { return 2 }\n' });
    const third = await cli.run('index');
    expect(third.stdout).toContain('with uncommitted changes');
    expect(third.stdout).toContain('1 file parsed, 1 known already');
  });

  it('takes untracked files, leaves ignored ones out, and writes nothing into the repository', async () => {
    cli = createCommandLine({ ...FILES, '.gitignore': 'ignored.ts\n' });
    cli.write({ 'untracked.ts': 'export class Untracked {}\n', 'ignored.ts': 'export class Ignored {}\n' });
    const before = execFileSync('git', ['status', '--porcelain', '--ignored'], { cwd: cli.folder, encoding: 'utf8' });
    await cli.run('index');
    expect((await cli.run('symbols', 'Untracked')).code).toBe(0);
    expect((await cli.run('symbols', 'Ignored')).code).toBe(1);
    expect(execFileSync('git', ['status', '--porcelain', '--ignored'], { cwd: cli.folder, encoding: 'utf8' })).toBe(before);
  });

  it('reads a revision, a part of the files, and prints the outcome as JSON', async () => {
    cli = createCommandLine(FILES);
    cli.git('tag', 'v1');
    cli.write({ 'c.py': 'def later(): pass\n' });
    const outcome = JSON.parse((await cli.run('index', '--ref', 'v1', '--branch', 'tagged', '--json', '--quiet')).stdout);
    expect(outcome).toMatchObject({ status: 'indexed', snapshot: { branch: 'tagged', dirty: false, stats: { files: 2 } } });
    expect((await cli.run('symbols', 'later', '--branch', 'tagged')).code).toBe(1);
    const part = JSON.parse((await cli.run('index', '--language', 'python', '--json', '--quiet')).stdout);
    expect(part.snapshot.stats.files).toBe(1);
    const other = JSON.parse((await cli.run('index', '--exclude', 'a.ts,*.py', '--json', '--quiet')).stdout);
    expect(other.snapshot.stats.files).toBe(1);
  });

  it('without a location means the whole repository, from any folder of it', async () => {
    cli = createCommandLine({ ...FILES, 'deep/c.ts': 'export const c = 1;\n' });
    const { stdout } = await cli.runWith({ folder: join(cli.folder, 'deep') }, 'index');
    expect(stdout).toMatch(/Files +3 /);
  });

  it('keeps a part that is indexed by itself apart from the whole', async () => {
    cli = createCommandLine({ ...FILES, 'deep/c.ts': 'export function deep(): void {}\ndeep();\n' });
    await cli.run('index');
    const part = JSON.parse((await cli.run('index', 'deep', '--json', '--quiet')).stdout);
    expect(part).toMatchObject({ repository: { name: 'repository/deep' }, snapshot: { stats: { files: 1 } } });
    expect((await cli.run('callers', 'load')).stdout).toContain('1 caller of load');
    const inside = { folder: join(cli.folder, 'deep') };
    expect((await cli.runWith(inside, 'callers', 'deep')).stdout).toMatch(/^NAME.*\nc\.ts +file +c\.ts:2 +c\.ts:1\n/);
    expect((await cli.runWith(inside, 'status')).stdout).toMatch(/Source +as indexed/);
    expect((await cli.runWith(inside, 'verify', '--quiet')).stdout).toMatch(/^ok +clean-build/m);
  });

  it('history, diff, status, verify and export go from there', async () => {
    cli = createCommandLine(FILES);
    await cli.run('index');
    const first = cli.git('rev-parse', 'HEAD');
    expect(await cli.run('diff')).toMatchObject({ code: 2, stderr: expect.stringContaining('codeloom history') });
    cli.write({ 'a.ts': 'export function load(): number { return store() }\nfunction store(): number { return 1 }\n' });
    expect((await cli.run('status')).stdout).toMatch(/differs: 0 added, 1 changed, 0 removed; run: codeloom index\n +~ a\.ts\n/);
    cli.git('commit', '--all', '--quiet', '--message', 'second');
    await cli.run('index');
    expect((await cli.run('status')).stdout).toMatch(/Source +as indexed/);

    const history = await cli.run('history');
    expect(history.stdout).toMatch(new RegExp(`\\* +s-[0-9a-f]+ +${cli.git('rev-parse', 'HEAD').slice(0, 10)} +main`));
    expect(history.stdout).toContain(first.slice(0, 10));

    const diff = await cli.run('diff');
    expect(diff.code).toBe(0);
    expect(diff.stdout).toMatch(/\+ +function +store +a\.ts:2/);
    expect(diff.stdout).toMatch(/\+ +CALLS +load -> store +a\.ts:1/);
    expect(JSON.parse((await cli.run('diff', first, 'main', '--json')).stdout).counts.symbols).toMatchObject({ added: 1, removed: 0 });
    // what only Git knows by name
    expect((await cli.run('diff', 'HEAD~1')).stdout).toBe(diff.stdout);
    cli.git('commit', '--allow-empty', '--quiet', '--message', 'third');
    expect(await cli.run('diff', 'HEAD')).toMatchObject({ code: 2, stderr: expect.stringMatching(/HEAD is the commit [0-9a-f]{12}, of which no snapshot is kept[^]*hint: Run: codeloom index --ref HEAD\n/) });

    const verified = await cli.run('verify', '--quiet');
    expect(verified.code).toBe(0);
    expect(verified.stdout).toMatch(/^ok +partitions[^\n]*\nok +manifest[^\n]*\nok +clean-build[^\n]*\n$/);

    const rows = (await cli.run('export', '--format', 'jsonl')).stdout.trim().split('\n').map((line): unknown => JSON.parse(line));
    expect(rows).toContainEqual({ type: 'node', id: 'a.ts#load().', kind: 'function', name: 'load', file: 'a.ts', line: 1 });
    expect(rows).toContainEqual({ type: 'edge', kind: 'CALLS', from: 'a.ts#load().', to: 'a.ts#store().', line: 1 });
  });

  it('export writes files whole or not at all, in a folder where a format has several', async () => {
    cli = createCommandLine(FILES);
    await cli.run('index');
    const stdout = await cli.run('export', '--format', 'graphml');
    expect(await cli.run('export', '--format', 'graphml', '--output', '../graph.graphml')).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(join(cli.folder, '../graph.graphml'), 'utf8')).toBe(stdout.stdout);
    const tables = JSON.parse((await cli.run('export', '--format', 'csv', '--output', '../tables', '--json')).stdout) as { readonly files: readonly { readonly path: string; readonly bytes: number }[] };
    expect(tables).toMatchObject({ query: 'export', format: 'csv', files: [{ path: join(cli.folder, '../tables/nodes.csv') }, { path: join(cli.folder, '../tables/edges.csv') }] });
    for (const { path, bytes } of tables.files) expect(statSync(path).size).toBe(bytes);
    expect(readdirSync(join(cli.folder, '../tables')).sort()).toEqual(['edges.csv', 'nodes.csv']);

    expect(await cli.run('export', '--format', 'csv')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--output <folder>') });
    expect(await cli.run('export', '--format', 'csv', '--output', '../graph.graphml')).toMatchObject({ code: 2, stderr: expect.stringContaining('is a file') });
    expect(await cli.run('export', '--format', 'dot', '--output', '../tables')).toMatchObject({ code: 2, stderr: expect.stringContaining('is a folder') });
    expect(await cli.run('export', '--format', 'dot', '--output', '../not/there.dot')).toMatchObject({ code: 2, stderr: expect.stringContaining('Cannot write') });
    expect(await cli.run('export', '--format', 'xml')).toMatchObject({ code: 2, stderr: expect.stringContaining('graphml') });
  });

  it('verify exits 1 when what is stored is not what it was', async () => {
    cli = createCommandLine(FILES);
    await cli.run('index');
    // One file's content put in another's place behind codeloom's back, with the driver that codeloom itself uses.
    execFileSync(process.execPath, ['--input-type=module', '--eval', `
      import { loadSqliteDriver } from ${JSON.stringify(new URL('../../../dist/adapters/sqlite/driver.js', import.meta.url).href)};
      const connection = (await loadSqliteDriver()).open(${JSON.stringify(join(cli.store, 'graph.db'))}, 'read-write');
      connection.exec('UPDATE partition_content SET content = (SELECT content FROM partition_content ORDER BY pid LIMIT 1)');
      connection.close();
    `]);
    const { code, stdout } = await cli.run('verify', '--no-clean-build');
    expect(stdout).toMatch(/^failed +partitions/);
    expect(code).toBe(1);
  });

  it('Ctrl-C stops the run with 130 and leaves the last snapshot', async () => {
    cli = createCommandLine(FILES);
    await cli.run('index');
    const many: Record<string, string> = {};
    for (let index = 0; index < 2000; index += 1) many[`many/f${index}.ts`] = `export function f${index}(a: number): number { return a > ${index} ? f${index}(a - 1) : a }\n`.repeat(20);
    cli.write(many);
    const child = cli.start('index', '--verbose');
    const ended = finished(child);
    await new Promise<void>((resolve) => child.stderr?.on('data', (text: string) => text.includes('extract begins') && resolve()));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('error: The operation was cancelled.') });
    expect(JSON.parse((await cli.run('history', '--json')).stdout).results).toHaveLength(1);
    expect((await cli.run('callers', 'load')).stdout).toContain('1 caller of load');
  });

  it('ends quietly when the reader of its output goes away', async () => {
    cli = createCommandLine(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}.ts`, `export function f${index}(): void {}\n`.repeat(30)])));
    await cli.run('index');
    const child = spawn(process.execPath, [PROGRAM, 'export', '--store', cli.store], { cwd: cli.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.once('data', () => child.stdout.destroy());
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr += text);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('makes no store where a question finds none', async () => {
    cli = createCommandLine(FILES);
    expect(await cli.run('callers', 'load')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: Nothing has been indexed\.\nhint: .*codeloom index/) });
    expect(existsSync(cli.store)).toBe(false);
  });

  it('names the command to run in a repository that is not indexed', async () => {
    cli = createCommandLine(FILES);
    await cli.run('index');
    const other = join(cli.folder, '..', 'other');
    mkdirSync(other);
    execFileSync('git', ['init', '--quiet'], { cwd: other });
    expect(await cli.runWith({ folder: other }, 'callers', 'load')).toMatchObject({ code: 2, stderr: expect.stringMatching(/other has not been indexed\.\nhint: Run: codeloom index\n$/) });
  });

  it('reads codeloom.config.json and refuses an unknown key with a suggestion', async () => {
    cli = createCommandLine(FILES);
    writeFileSync(join(cli.folder, 'codeloom.config.json'), '{ "exclude": ["b.ts"] }');
    expect(JSON.parse((await cli.run('index', '--json', '--quiet')).stdout).snapshot.stats.files).toBe(1);
    writeFileSync(join(cli.folder, 'codeloom.config.json'), '{ "exlude": ["b.ts"] }');
    expect(await cli.run('index')).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown key `exlude`. Did you mean `exclude`?') });
  });
});
