import { spawn } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCodeloom, type Codeloom, type IndexOutcome } from '../../src/index.js';
import { buildRepository, git, openWorkshop, type Workshop } from '../adapters/git/build-repository.js';
import { createCommandLine, finished, PROGRAM } from '../adapters/cli/command-line.js';

const GOOD = { 'lib.ts': 'export function save(): void {}\n', 'main.ts': "import { save } from './lib.js';\nexport function run(): void { save(); }\n" };
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** What files may be that are not as they should: each costs itself, and says so. */
describe('a repository with', () => {
  let workshop: Workshop;
  let codeloom: Codeloom;
  let folder: string;

  beforeEach(async () => {
    workshop = openWorkshop();
    folder = join(workshop.folder, 'r');
    codeloom = await createCodeloom({ store: 'memory', workers: 0 });
  });
  afterEach(async () => {
    await codeloom.close();
    await workshop.dispose();
  });

  /** Indexes, and sees that the good files have lost nothing. */
  async function index(location = folder): Promise<IndexOutcome> {
    const outcome = await codeloom.index({ location });
    expect((await codeloom.callers({ symbol: 'lib.ts#save().' })).results).toMatchObject([{ id: 'main.ts#run().', certainty: 'certain' }]);
    return outcome;
  }

  async function diagnostics(): Promise<Record<string, readonly string[]>> {
    const found: Record<string, string[]> = {};
    for (const { path, code } of (await codeloom.diagnostics()).results) (found[path] ??= []).push(code);
    return found;
  }

  const symbols = async (text: string): Promise<readonly string[]> => (await codeloom.symbols({ text })).results.map(({ id }) => id);

  it('texts in every encoding, and what is no text', async () => {
    buildRepository(folder, {
      head: 'main', branches: { main: [{
        ...GOOD,
        'binary.ts': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3, 0, 0]), 'invalid.ts': Buffer.from('export function caf\u00e9_or_not() {} // \xff\xfe\nexport function after_bad_bytes() {}\n', 'latin1'),
        'le.ts': Buffer.concat([Buffer.from([0xff, 0xfe]), utf16('export function little() {}\n')]), 'be.ts': Buffer.concat([Buffer.from([0xfe, 0xff]), utf16('export function big() {}\n').swap16()]),
        'le-plain.ts': utf16('export function unmarked() {}\n'), 'be-plain.ts': utf16('export function unmarked() {}\n').swap16(),
        'odd.ts': Buffer.concat([Buffer.from([0xff, 0xfe]), utf16('export const x = 1;'), Buffer.from([0x41])]), 'bom.py': '\ufeffdef marked():\n    pass\n', 'empty.py': '', 'nul.py': `def early(): pass\n${'#'.repeat(9000)}\n\0`,
      }] },
    });
    const outcome = await index();
    expect(outcome.snapshot.stats).toMatchObject({ files: 12, skipped: {} });
    expect(await diagnostics()).toEqual({
      'binary.ts': ['binary'], 'be-plain.ts': ['binary'], 'le-plain.ts': ['binary'], 'odd.ts': ['binary'],
      'invalid.ts': ['encoding'].concat((await diagnostics())['invalid.ts']?.slice(1) ?? []), 'le.ts': ['encoding'], 'be.ts': ['encoding'], 'nul.py': ['syntax-error'],
    });
    for (const name of ['little', 'big', 'marked', 'early', 'after_bad_bytes']) expect(await symbols(name)).toHaveLength(1);
    expect(await symbols('unmarked')).toEqual([]);
  });

  it('carriage returns, in a work tree that Git would convert', async () => {
    const crlf = { ...GOOD, 'crlf.ts': 'export function a() {}\r\nexport function b() { a(); }\r\n', 'cr.ts': '// one line\rexport function c() {}\r' };
    buildRepository(folder, { head: 'main', branches: { main: [crlf] }, workTree: crlf });
    git(folder, ['config', 'core.autocrlf', 'true']);
    await index();
    expect((await codeloom.callers({ symbol: 'crlf.ts#a().' })).results).toMatchObject([{ id: 'crlf.ts#b().', line: 2, sites: [{ line: 2, column: 23 }] }]);
  });

  it('ten thousand levels of nesting, of anything', { timeout: 120_000 }, async () => {
    const deep = 10_000;
    const around = (open: string, inner: string, close: string): string => `${open.repeat(deep)}${inner}${close.repeat(deep)}\n`;
    buildRepository(folder, {
      head: 'main', branches: { main: [{
        ...GOOD, 'parens.ts': around('(', '1', ')'), 'arrays.js': around('[', '', ']'), 'blocks.ts': around('{', '', '}'), 'calls.py': around('f(', '', ')'), 'types.ts': `type T = ${around('A<', 'B', '>')}`, 'jsx.tsx': around('<a>', '', '</a>'),
        'functions.js': around('function f(){', '', '}'), 'ifs.py': Array.from({ length: 95 }, (_, level) => `${' '.repeat(level)}if x:\n`).join('') + `${' '.repeat(95)}pass\n`, 'members.ts': `a${'.b'.repeat(deep)}\n`, 'chain.py': `a${'.b()'.repeat(deep)}\n`,
        'unclosed.ts': '('.repeat(deep), 'templates.ts': around('`${', '1', '}`'), 'plus.ts': `x = ${'1 + '.repeat(deep)}1\n`,
      }] },
    });
    const outcome = await index();
    expect(outcome.snapshot.stats.files).toBe(15);
    const found = await diagnostics();
    for (const path of ['parens.ts', 'arrays.js', 'blocks.ts', 'calls.py', 'jsx.tsx', 'functions.js']) expect([path, found[path]]).toEqual([path, ['too-deep']]);
    expect(outcome.snapshot.stats.provisional).toBeUndefined();
  });

  it('a bundle of 100 MB: not read from objects, hashed piece by piece in a work tree', { timeout: 180_000 }, async () => {
    const cli = createCommandLine(GOOD);
    try {
      const bundle = openSync(join(cli.folder, 'bundle.js'), 'w');
      const piece = Buffer.from('function a(b){return b.c(1)};'.repeat(36_000));
      for (let written = 0; written < 100 << 20; written += piece.length) writeSync(bundle, piece);
      closeSync(bundle);
      expect(await peakMemory(cli, 'index', '--json')).toMatchObject({ skipped: { 'too-large': 1 }, files: 2, megabytes: expect.toSatisfy((megabytes: number) => megabytes < 400) });
      cli.git('-c', 'core.compression=0', '-c', 'core.bigFileThreshold=1m', 'add', 'bundle.js');
      cli.git('commit', '-qm', 'bundle');
      expect(await peakMemory(cli, 'index', '--ref', 'HEAD', '--json')).toMatchObject({ skipped: { 'too-large': 1 }, files: 2, megabytes: expect.toSatisfy((megabytes: number) => megabytes < 400) });
      expect(JSON.parse((await cli.run('callers', 'save', '--json')).stdout)).toMatchObject({ results: [{ id: 'main.ts#run().' }] });
    } finally {
      cli.remove();
    }
  });

  it('names that trouble shells, terminals, other systems and text', async () => {
    const odd = [
      'with space.ts', 'quo"te.ts', "apo'strophe.ts", 'new\nline.ts', 'tab\t.ts', 'esc\u001b[31m.ts', '-rf.ts', '--upload-pack=x.ts', '*.ts', '?.ts', '[a].ts', '{a,b}.ts', '$(touch x).ts', '`x`.ts', ';x.ts', 'a|b.ts', 'back\\slash.ts', 'colon:1.ts',
      'CON.ts', 'nul.py', 'aux/com1.ts', 'trailing./a.ts', 'trailing /a.ts', '%41.ts', '%.ts', '#hash.ts', '\u202ertl.ts', 'e\u0301.ts', '\u00e9.ts', '.ts', '..ts', '...ts', ' .ts', '__proto__.ts', 'constructor/toString.ts', `${'x'.repeat(250)}.ts`, `${'deep/'.repeat(300)}a.ts`,
      'Case.ts', 'case.ts', 'CASE/a.ts', 'case/a.ts',
    ];
    const tree = Object.fromEntries(odd.map((path, index) => [path, `${path.endsWith('.py') ? 'def' : 'function'} odd${index}()${path.endsWith('.py') ? ': pass' : ' {}'}\n`]));
    buildRepository(folder, { head: 'main', branches: { main: [{ ...GOOD, ...tree }] } });
    const outcome = await index();
    const source = odd.filter((path) => path !== '.ts');
    expect(outcome.snapshot.stats).toMatchObject({ files: source.length + 2, diagnostics: 0, skipped: { language: 1 } });
    for (const [index, path] of odd.entries()) if (path !== '.ts') expect((await codeloom.symbols({ text: `odd${index}` })).results.filter(({ name }) => name === `odd${index}`)).toMatchObject([{ path, line: 1 }]);
  });

  it('names that are not UTF-8, told apart from those that spell their escapes', async () => {
    mkdirSync(folder, { recursive: true });
    git(folder, ['init', '-q', '--bare', '--initial-branch=main']);
    const file = (path: string, content: string): string => `M 100644 inline ${path}\ndata ${content.length}\n${content}\n`;
    git(folder, ['fast-import', '--quiet'], Buffer.from(`commit refs/heads/main\ncommitter A <a@example.org> 1 +0000\ndata 0\n${Object.entries(GOOD).map(([path, content]) => file(path, content)).join('')}`
      + file('"caf\\351.ts"', 'function latin() {}\n') + file('caf%E9.ts', 'function spelled() {}\n') + file('"\\377\\376/\\200.py"', 'def bytes(): pass\n'), 'latin1'));
    expect((await index()).snapshot.stats.files).toBe(5);
    expect(await symbols('latin')).toEqual([expect.stringMatching(/^caf%E9\.ts#|^caf%25E9\.ts#/)]);
    expect(new Set([...await symbols('latin'), ...await symbols('spelled'), ...await symbols('bytes')]).size).toBe(3);
  });

  it.skipIf(process.platform === 'win32')('links that go round, go nowhere or lead out: listed, never followed', async () => {
    const secret = join(workshop.folder, 'secret.ts');
    writeFileSync(secret, 'export function outside_secret() {}\n');
    mkdirSync(join(workshop.folder, 'outside'));
    writeFileSync(join(workshop.folder, 'outside', 'x.ts'), 'export function outside_secret() {}\n');
    const links = { 'loop.ts': { link: 'loop.ts' }, 'a.ts': { link: 'b.ts' }, 'b.ts': { link: 'a.ts' }, 'out.ts': { link: secret }, 'passwd.py': { link: '/etc/passwd' }, 'dir': { link: '..' }, 'up': { link: '../outside' }, 'nowhere.ts': { link: 'none.ts' } };
    buildRepository(folder, { head: 'main', branches: { main: [{ ...GOOD, ...links }] }, workTree: { ...GOOD, ...links } });
    symlinkSync('../outside', join(folder, 'untracked'));
    for (const ref of [undefined, 'HEAD']) {
      const outcome = await codeloom.index({ location: folder, ref });
      expect(outcome.snapshot.stats).toMatchObject({ files: 2, skipped: { symlink: ref === undefined ? 9 : 8 } });
      expect(await symbols('outside_secret')).toEqual([]);
    }
    await index();
  });

  it.skipIf(process.platform === 'win32')('what may not be read, or is no file', async () => {
    const tree = { ...GOOD, 'locked.ts': 'export const locked = 1;\n', 'pipe.ts': 'export const pipe = 1;\n', 'folder.ts': 'export const folder = 1;\n' };
    buildRepository(folder, { head: 'main', branches: { main: [tree] }, workTree: tree });
    for (const name of ['pipe.ts', 'folder.ts']) rmSync(join(folder, name));
    execFileSync('mkfifo', [join(folder, 'pipe.ts')]);
    mkdirSync(join(folder, 'folder.ts'));
    chmodSync(join(folder, 'locked.ts'), 0o000);
    const { snapshot } = await index();
    // Whoever may read everything reads this too.
    const locked = process.getuid?.() === 0 ? 0 : 1;
    expect(snapshot.stats.files).toBe(3 - locked);
    expect(Object.values(snapshot.stats.skipped).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1 + locked);
    expect(await symbols('pipe')).toEqual([]);
  });
});

/** Runs a command that prints an outcome, and looks at the most memory that it took (Linux says). */
async function peakMemory(cli: ReturnType<typeof createCommandLine>, ...argv: string[]): Promise<{ readonly files: number; readonly skipped: unknown; readonly megabytes: number }> {
  const child = spawn(process.execPath, [PROGRAM, ...argv], { cwd: cli.folder, env: { PATH: process.env['PATH'], HOME: cli.folder, CODELOOM_STORE: cli.store, CODELOOM_WORKERS: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let megabytes = 0;
  const watch = setInterval(() => {
    try {
      megabytes = Math.max(megabytes, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8'))?.[1] ?? 0) / 1024);
    } catch {
      // Gone, or another system.
    }
  }, 20);
  const { code, stdout } = await finished(child);
  clearInterval(watch);
  expect(code).toBe(0);
  const { snapshot: { stats: { files, skipped } } } = JSON.parse(stdout) as IndexOutcome;
  return { files, skipped, megabytes };
}
