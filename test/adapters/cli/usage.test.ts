import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLine, type CommandLine } from './command-line.js';

const COMMANDS = [
  'index', 'symbols', 'show', 'callers', 'callees', 'references', 'impact', 'path', 'implementations', 'definition', 'explain', 'diff', 'history', 'status', 'verify', 'export', 'doctor',
];

describe('the command line itself', () => {
  let cli: CommandLine;
  let outside: string;
  beforeAll(() => {
    cli = createCommandLine({ 'a.ts': 'export const a = 1;\n' });
    outside = join(cli.folder, '..', 'outside');
    mkdirSync(outside);
  });
  afterAll(() => cli.remove());

  it('alone names the three commands that a newcomer needs', async () => {
    const { code, stdout } = await cli.run();
    expect(code).toBe(0);
    expect(stdout).toMatch(/codeloom index[^]*codeloom symbols[^]*codeloom callers/);
  });

  it('--help lists every command', async () => {
    const { code, stdout } = await cli.run('--help');
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  it.each(COMMANDS)('%s --help has an example', async (command) => {
    const { code, stdout } = await cli.run(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n  \\$ codeloom ${command}`));
  });

  it('--version is that of the package', async () => {
    expect(await cli.run('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    [['calers', 'x'], /unknown command 'calers'\n\(Did you mean callers\?\)/],
    [['callers', 'x', '--limt', '3'], /unknown option '--limt'\n\(Did you mean --limit\?\)/],
    [['callers'], /missing required argument 'symbol'\n\(see codeloom callers --help\)/],
    [['callers', 'x', 'y'], /too many arguments/],
    [['callers', 'x', '--limit', 'many'], /A whole number above 0/],
    [['symbols', 'x', '--kind', 'klass'], /There is no kind klass. Did you mean class\?/],
    [['export', '--format', 'xml'], /Allowed choices are jsonl/],
    [['index', '--language', 'cobol'], /"cobol" is no language/],
    [['index', '--ref', 'nowhere'], /error: .*nowhere[^]*hint: /],
    [['index', 'ext::sh -c whoami'], /error: /],
    [['index', '--branch', '-x'], /"-x" cannot be the name of a branch/],
    [['index', '--store', '--json'], /A path is expected/],
    [['--config', 'nowhere.json', 'index'], /nowhere\.json cannot be read/],
  ])('misuse exits 2: %j', async (argv, message) => {
    const { code, stdout, stderr } = await cli.run(...argv);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('a folder that is no repository exits 2 and says what to do', async () => {
    expect(await cli.runWith({ folder: outside, environment: { GIT_CEILING_DIRECTORIES: join(outside, '..') } }, 'index')).toMatchObject({ code: 2, stderr: expect.stringMatching(/not in a Git repository[^]*hint: /) });
  });

  it('prints a stack only with --verbose', async () => {
    expect((await cli.run('index', '--ref', 'nowhere')).stderr).not.toMatch(/^ +at /m);
    expect((await cli.run('index', '--ref', 'nowhere', '--verbose')).stderr).toMatch(/^ +at /m);
  });

  it('an error is an object for --json', async () => {
    const { code, stdout } = await cli.run('index', '--ref', 'nowhere', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'unknown-ref', message: expect.any(String), hint: expect.any(String) } });
  });

  it('doctor finds everything that is needed', async () => {
    const { code, stdout } = await cli.run('doctor');
    expect(stdout).toMatch(/^ok +codeloom[^]*^ok +Node\.js[^]*^ok +Git[^]*^ok +SQLite[^]*data folder[^]*^ok +store[^]*^ok +grammars[^]*^ok +worker threads/m);
    expect(code).toBe(0);
    expect(JSON.parse((await cli.run('doctor', '--json', '--store', join(outside, 'store'))).stdout)).toMatchObject({ ok: true, checks: expect.arrayContaining([{ name: 'store', status: 'ok', found: 'nothing indexed yet' }]) });
  });

  it('doctor tells of a configuration that cannot be read, and of everything else', async () => {
    writeFileSync(join(outside, 'broken.json'), '{ "wrokers": 1 }');
    const { code, stdout } = await cli.run('doctor', '--config', join(outside, 'broken.json'));
    expect(stdout).toMatch(/^FAIL +configuration +.*unknown key `wrokers`[^]*^ok +Git[^]*^ok +store[^]*1 check failed/m);
    expect(code).toBe(1);
    expect((await cli.run('doctor')).stdout).toMatch(/^ok +configuration +the defaults/m);
  });

  it('doctor exits 1 when something is missing', async () => {
    const { code, stdout } = await cli.runWith({ environment: { PATH: outside } }, 'doctor');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL +Git +not found\n.*Install Git/m);
  });
});
