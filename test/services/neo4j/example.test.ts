import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommandLine } from '../../adapters/cli/command-line.js';
import { clear, freshSpace, url } from './server.js';

describe('examples/library-neo4j', () => {
  const space = freshSpace();
  let installed: string;
  let repository: ReturnType<typeof createCommandLine>;
  beforeEach(async () => {
    installed = await installExample();
    repository = createCommandLine({
      'src/store.ts': 'export class Store {\n  save(): void {}\n}\n',
      'src/main.ts': "import { Store } from './store';\nexport function main(store: Store): void {\n  store.save();\n}\nexport function again(store: Store): void {\n  store.save();\n  main(store);\n}\n",
    });
  });
  afterEach(async () => {
    repository.remove();
    await rm(installed, { recursive: true });
    await clear(space);
  });

  async function ask(...argv: string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    return run({}, ...argv);
  }

  async function run(changed: Readonly<Record<string, string>>, ...argv: string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    const { protocol, host, username, password } = new URL(url);
    const env = { ...process.env, NEO4J_URL: `${protocol}//${host}`, NEO4J_USER: decodeURIComponent(username), NEO4J_PASSWORD: decodeURIComponent(password), NEO4J_SPACE: space, ...changed };
    return promisify(execFile)(process.execPath, [join(installed, 'dist/ask.js'), ...argv], { env }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error, // as execFile rejects
    );
  }

  it('indexes a repository, and answers by codeloom and by Cypher', async () => {
    const first = await ask(repository.folder, 'Store.save');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^indexed: 2 files, 4 symbols of /);
    expect(first.stdout).toContain('\ncallers of Store.save: exact\n');
    expect(first.stdout).toContain('  main  src/main.ts:3  certain\n');
    expect(first.stdout).toContain('\ncalled most, by Cypher:\n  Store.save  2\n  main  1\n');
    repository.write({ 'src/more.ts': "import { Store } from './store';\nexport const more = (): void => new Store().save();\n" });
    expect((await ask(repository.folder, 'Store.save')).stdout).toContain('  Store.save  3\n');
  });

  it('says what is wrong with the server, and no password', async () => {
    const { code, stderr } = await run({ NEO4J_PASSWORD: 'wrong-Secret-7Yq' }, repository.folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^authentication-failed: /);
    expect(stderr).not.toContain('wrong-Secret-7Yq');
  });
});

/** The example, compiled, with the two packages that it needs beside it. */
async function installExample(): Promise<string> {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'codeloom-example-'));
  for (const path of ['dist', 'node_modules']) await mkdir(join(folder, path));
  await symlink(root, join(folder, 'node_modules/codeloom'), 'junction');
  await symlink(await realpath(join(root, 'node_modules/neo4j-driver')), join(folder, 'node_modules/neo4j-driver'), 'junction');
  const example = join(root, 'examples/library-neo4j');
  await cp(join(example, 'package.json'), join(folder, 'package.json'));
  for (const name of await readdir(join(example, 'src'))) {
    const { outputText } = ts.transpileModule(await readFile(join(example, 'src', name), 'utf8'), { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true } });
    await writeFile(join(folder, 'dist', name.replace(/\.ts$/, '.js')), outputText);
  }
  return folder;
}
