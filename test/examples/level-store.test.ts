import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ClassicLevel } from 'classic-level';
import { factStoreContract, graphStoreContract, metadataStoreContract } from 'codeloom/testing';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { openLevelFactStore } from '../../examples/level-store/src/fact-store.js';
import { openLevelGraphStore } from '../../examples/level-store/src/graph-store.js';
import { openLevelMetadataStore } from '../../examples/level-store/src/metadata-store.js';
import { createCommandLine } from '../adapters/cli/command-line.js';
import { graphStoreLaw } from '../laws/graph-store.js';

it('indexes a repository into LevelDB, and knows it again', async () => {
  const repository = createCommandLine({
    'src/store.ts': 'export class Store {\n  save(): void {}\n}\n',
    'src/main.ts': "import { Store } from './store';\nexport function main(store: Store): void {\n  store.save();\n}\n",
  });
  const installed = await installExample();
  try {
    const callers = async () => (await promisify(execFile)(process.execPath, [join(installed, 'dist/callers.js'), repository.folder, 'Store.save', join(installed, 'data')])).stdout;
    const answer = 'callers of Store.save: exact\n  main  src/main.ts:3  certain\n';
    expect(await callers()).toBe(`indexed: 2 files, 3 symbols\n${answer}`);
    expect(await callers()).toBe(`unchanged: 2 files, 3 symbols\n${answer}`);
    repository.write({ 'src/more.ts': "import { Store } from './store';\nexport const more = (): void => new Store().save();\n" });
    expect(await callers()).toContain('  more  src/more.ts:2  certain\n');
  } finally {
    repository.remove();
    await rm(installed, { recursive: true });
  }
}, 60_000);

/** A store in a folder of its own, which goes with it. */
async function inFreshFolder<Store>(open: (folder: string) => Promise<Store>): Promise<{ store: Store; size: () => Promise<number>; dispose: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'codeloom-level-'));
  return { store: await open(folder), size: () => keysIn(folder), dispose: () => rm(folder, { recursive: true }) };
}

graphStoreContract('LevelDB', () => inFreshFolder(openLevelGraphStore));
graphStoreLaw('LevelDB', () => inFreshFolder(openLevelGraphStore));
metadataStoreContract('LevelDB', () => inFreshFolder(openLevelMetadataStore));
factStoreContract('LevelDB', () => inFreshFolder(openLevelFactStore));

it('indexes a repository into LevelDB, and knows it again', async () => {
  const repository = createCommandLine({
    'src/store.ts': 'export class Store {\n  save(): void {}\n}\n',
    'src/main.ts': "import { Store } from './store';\nexport function main(store: Store): void {\n  store.save();\n}\n",
  });
  const installed = await installExample();
  try {
    const callers = async () => (await promisify(execFile)(process.execPath, [join(installed, 'dist/callers.js'), repository.folder, 'Store.save', join(installed, 'data')])).stdout;
    const answer = 'callers of Store.save: exact\n  main  src/main.ts:3  certain\n';
    expect(await callers()).toBe(`indexed: 2 files, 3 symbols\n${answer}`);
    expect(await callers()).toBe(`unchanged: 2 files, 3 symbols\n${answer}`);
    repository.write({ 'src/more.ts': "import { Store } from './store';\nexport const more = (): void => new Store().save();\n" });
    expect(await callers()).toContain('  more  src/more.ts:2  certain\n');
  } finally {
    repository.remove();
    await rm(installed, { recursive: true });
  }
}, 60_000);

/** Counted in a copy: LevelDB lets nobody else in while a store has it open. */
async function keysIn(folder: string): Promise<number> {
  const copy = `${folder}-copy`;
  await cp(folder, copy, { recursive: true });
  const level = new ClassicLevel(copy);
  const keys = await level.keys().all();
  await level.close();
  await rm(copy, { recursive: true });
  return keys.length;
}

/** The example, compiled, with the two packages that it needs beside it. */
async function installExample(): Promise<string> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'codeloom-example-'));
  for (const path of ['dist', 'node_modules']) await mkdir(join(folder, path));
  await symlink(root, join(folder, 'node_modules/codeloom'), 'junction');
  await symlink(await realpath(join(root, 'node_modules/classic-level')), join(folder, 'node_modules/classic-level'), 'junction');
  const example = join(root, 'examples/level-store');
  await cp(join(example, 'package.json'), join(folder, 'package.json'));
  for (const name of await readdir(join(example, 'src'))) {
    const source = await readFile(join(example, 'src', name), 'utf8');
    const { outputText } = ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true } });
    await writeFile(join(folder, 'dist', name.replace(/\.ts$/, '.js')), outputText);
  }
  return folder;
}
