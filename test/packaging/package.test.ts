import { createPackageFromTarballData, checkPackage } from '@arethetypeswrong/core';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, bytesBelow, createInstallation, type Installation } from './installation.js';

const SOURCE = {
  'src/dates.ts': 'export function parseDate(text: string): Date {\n  return new Date(text);\n}\n',
  'src/app.ts': "import { parseDate } from './dates.js';\nexport class App {\n  listen(port: number): number {\n    parseDate('2020-01-01');\n    return port;\n  }\n}\n",
  'src/main.ts': "import { App } from './app.js';\nexport function main(): void {\n  new App().listen(80);\n}\n",
  'package.json': '{ "name": "somebody", "version": "1.0.0", "private": true, "type": "module" }\n',
};

/** The first TypeScript block of a document. */
function example(document: string): string {
  return /^```ts\n([^]*?)^```/m.exec(readFileSync(join(ROOT, document), 'utf8'))?.[1] ?? '';
}

describe('the package, installed from its tarball by a stranger', { timeout: 120_000 }, () => {
  let there: Installation;
  beforeAll(async () => {
    execFileSync(process.execPath, [join(ROOT, 'scripts/sbom.mjs')], { cwd: ROOT });
    there = await createInstallation(SOURCE);
    const { code, stderr } = await there.npm('install', there.tarball);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }, 120_000);
  afterAll(() => there.remove());

  it('takes less than 60 MB, with all that it depends on', () => {
    expect(bytesBelow(join(there.project, 'node_modules'))).toBeLessThan(60e6);
  });

  it('answers about their repository: index, callers, impact, status, verify', async () => {
    const command = join(there.project, 'node_modules/.bin/codeloom');
    expect(await there.run(command, 'index', '.')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Files +3 /m) });
    expect(await there.run(command, 'callers', 'parseDate')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/App\.listen +method +src\/app\.ts:4[^]*: exact\./) });
    expect(await there.run(command, 'impact', 'parseDate')).toMatchObject({ code: 0, stdout: expect.stringMatching(/2 +CALLS +main/) });
    expect(await there.run(command, 'status')).toMatchObject({ code: 0 });
    expect(await there.run(command, 'verify')).toMatchObject({ code: 0 });
    expect(await there.run(command, 'doctor')).toMatchObject({ code: 0 });
  });

  it('says what to install for durable runs', async () => {
    expect(await there.run(join(there.project, 'node_modules/.bin/codeloom'), 'worker')).toMatchObject({ code: 2, stderr: expect.stringMatching(/Temporal needs a package that is not installed: @temporalio\/\w+\.\n.*npm install @temporalio\/activity/) });
  });

  it('answers to npx, without being installed', async () => {
    const { code, stdout } = await there.npx('--yes', '--package', there.tarball, 'codeloom', 'index', '.');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Symbols +\d/m) });
  });

  it.each(['README.md', 'docs/library.md'])('runs the example of %s under node', async (document) => {
    there.write({ 'example.mjs': example(document) });
    const { code, stdout, stderr } = await there.run(process.execPath, 'example.mjs');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(document === 'README.md' ? 'src/app.ts:3 App.listen certain' : 'src/main.ts:3');
  });

  it('prints a stack that names source files with --verbose', async () => {
    const { code, stderr } = await there.run(join(there.project, 'node_modules/.bin/codeloom'), 'index', '--ref', 'nowhere', '--verbose');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/^ +at .*src\/adapters\/git\/[\w-]+\.ts:\d+/m) });
  });

  it('passes a strict compiler that reads its declarations too', async () => {
    const blocks = ['README.md', 'docs/library.md'].flatMap((document) => [...readFileSync(join(ROOT, document), 'utf8').matchAll(/^```ts\n([^]*?)^```/gm)].map(([, block]) => block ?? ''));
    there.write(Object.fromEntries([
      ...blocks.map((block, index) => [`typed/block-${index}.mts`, `${block}\nexport {};\n`]),
      ['typed/all.mts', "export * from 'codeloom';\nexport * as testing from 'codeloom/testing';\nexport * as neo4j from 'codeloom/neo4j';\nexport * as postgres from 'codeloom/postgres';\nexport * as redis from 'codeloom/redis';\nexport * as s3 from 'codeloom/s3';\nexport * as temporal from 'codeloom/temporal';\nexport * as github from 'codeloom/github';\nexport * as http from 'codeloom/http';\nexport * as metrics from 'codeloom/metrics';\nexport * as notify from 'codeloom/notify';\n"],
      ['tsconfig.json', JSON.stringify({
        compilerOptions: { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false, target: 'ES2022', module: 'NodeNext', noEmit: true, types: ['node'] },
        include: ['typed'],
      })],
    ]));
    for (const name of ['@types/node', 'undici-types']) cpSync(join(ROOT, 'node_modules', name), join(there.project, 'node_modules', name), { recursive: true, dereference: true });
    expect(await there.run(process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'))).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('holds everything that its files import, and no test or source', () => {
    const folder = join(there.project, 'node_modules/codeloom');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(js|d\.ts)$/.test(path));
    const lost = files.flatMap((path) => [...readFileSync(join(folder, path), 'utf8').matchAll(/^(?:import|export)\b[^'";]*\bfrom ["'](\.[^"']+)["']/gm)]
      .map(([, target = '']) => join(folder, path, '..', path.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target)).filter((target) => !existsSync(target)));
    expect(lost).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'grammars', 'package.json']);
  });

  it('passes publint', async () => {
    const tarball = readFileSync(there.tarball);
    const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) as ArrayBuffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('has right types for every way of importing an ES module', async () => {
    const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(there.tarball))));
    if (result.types === false) throw new Error('The package has no types.');
    // The package is for `import` alone, by its exports: what CommonJS and the resolution of before them would find is no concern.
    const problems = result.problems.filter((problem) => !('resolutionKind' in problem && (problem.resolutionKind === 'node10' || problem.resolutionKind === 'node16-cjs')));
    expect(problems).toEqual([]);
    expect(Object.keys(result.entrypoints)).toEqual(expect.arrayContaining(['.', './testing', './neo4j', './postgres', './redis', './s3', './temporal', './github', './http']));
  });

  it('brings the licences of what it holds copies of, and a bill of materials', () => {
    const folder = join(there.project, 'node_modules/codeloom');
    const notices = readFileSync(join(folder, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const grammar of readdirSync(join(folder, 'grammars')).filter((name) => name.endsWith('.wasm'))) {
      const name = grammar.replace('.wasm', '').replace('-tsx', '-typescript');
      expect(notices).toContain(`${name} `);
      expect(readFileSync(join(folder, 'grammars', `${name}.LICENSE`), 'utf8')).toMatch(/Permission is hereby granted/);
    }
    // Each source map names the files that went into it.
    const bundled = new Set(readdirSync(join(folder, 'dist/bin')).filter((name) => name.endsWith('.map'))
      .flatMap((name) => [...readFileSync(join(folder, 'dist/bin', name), 'utf8').matchAll(/node_modules\/((?:@[^/"]+\/)?[^/"]+)\//g)].map(([, found]) => found ?? '')));
    expect([...bundled].filter((name) => !notices.includes(`\n${name} `))).toEqual([]);
    const bill = JSON.parse(readFileSync(join(folder, 'dist/sbom.cdx.json'), 'utf8')) as { readonly bomFormat: string; readonly components: readonly { readonly name: string }[] };
    expect(bill.bomFormat).toBe('CycloneDX');
    expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(['inversify', 'libsql', 'web-tree-sitter', 'tree-sitter-python']));
  });
});
