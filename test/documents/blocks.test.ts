import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/adapters/cli/program.js';
import { loadSqliteDriver } from '../../src/adapters/sqlite/driver.js';
import { blocksOf, documents, read, root, where } from './blocks.js';
import { sampleRepository } from './sample-repository.js';

const blocks = documents.flatMap(blocksOf);
const of = (language: string) => blocks.filter((block) => block.language === language);
const titled = (chosen: typeof blocks) => chosen.map((block) => [where(block), block] as const);

describe('code blocks of the documents', () => {
  let repository: Awaited<ReturnType<typeof sampleRepository>>;
  beforeAll(async () => {
    repository = await sampleRepository();
  }, 60_000);
  afterAll(() => repository.remove());

  it('are of a language that is checked, or say why they are not run', () => {
    expect(blocks.length).toBeGreaterThan(15);
    expect(blocks.filter(({ language }) => !['ts', 'json', 'sh', 'console', 'sql', 'cypher', ''].includes(language)).map(where)).toEqual([]);
    expect(blocks.filter(({ notRun }) => notRun !== undefined && notRun.length < 20).map(where)).toEqual([]);
    // The pictures are no code; everything else names its language.
    expect(blocks.filter(({ language, text }) => language === '' && !/[│┌└─]/u.test(text)).map(where)).toEqual([]);
  });

  // Against the built declarations: what a user's compiler sees.
  it('in TypeScript pass the compiler, strictly', () => {
    mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
    const folder = mkdtempSync(join(root, 'node_modules/.cache/documents-'));
    try {
      const files = of('ts').map((block) => {
        const file = join(folder, `${where(block).replace(/\W/g, '-')}.mts`);
        writeFileSync(file, `${block.text}\nexport {};\n`);
        return file;
      });
      files.push(join(root, 'examples/level-store/src/callers.ts'), join(root, 'examples/library-neo4j/src/ask.ts'), ...['worker', 'start-run'].map((name) => join(root, `examples/worker/src/${name}.ts`)));
      const program = ts.createProgram(files, {
        target: ts.ScriptTarget.ES2022, lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'], module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
        strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true, skipLibCheck: true, noEmit: true, types: ['node'],
        paths: { codeloom: [join(root, 'dist/index.d.ts')], 'codeloom/testing': [join(root, 'dist/testing.d.ts')], 'codeloom/neo4j': [join(root, 'dist/neo4j.d.ts')], 'codeloom/postgres': [join(root, 'dist/postgres.d.ts')], 'codeloom/redis': [join(root, 'dist/redis.d.ts')], 'codeloom/s3': [join(root, 'dist/s3.d.ts')], 'codeloom/temporal': [join(root, 'dist/temporal.d.ts')], 'codeloom/github': [join(root, 'dist/github.d.ts')], 'codeloom/http': [join(root, 'dist/http.d.ts')], 'codeloom/metrics': [join(root, 'dist/metrics.d.ts')], 'codeloom/notify': [join(root, 'dist/notify.d.ts')] },
      });
      const own = program.getSourceFiles().filter(({ fileName, isDeclarationFile }) => !isDeclarationFile && (fileName.startsWith(folder) || fileName.includes('/examples/')));
      expect(own.length).toBeGreaterThan(files.length);
      const wrong = own.flatMap((source) => [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]);
      expect(wrong.map((each) => `${each.file?.fileName.replace(folder, '') ?? ''}: ${ts.flattenDiagnosticMessageText(each.messageText, '\n')}`)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  it.each(titled(of('ts').filter(({ run }) => run)))('%s runs', async (_, block) => {
    const { outputText } = ts.transpileModule(block.text, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
    expect(await repository.program('example.mjs', outputText)).not.toBe('');
  }, 60_000);

  it.each(titled(of('sh').filter(({ notRun }) => notRun === undefined)))('%s runs', (_, block) => repository.shell(block.text), 60_000);

  it.each(titled(of('json')))('%s is JSON', (_, block) => {
    expect(() => JSON.parse(block.text) as unknown).not.toThrow();
  });

  it.each(titled(of('sql').filter(({ notRun }) => notRun === undefined)))('%s is answered by the store', async (_, block) => {
    const connection = (await loadSqliteDriver()).open(join(repository.store, 'graph.db'), 'read-only');
    const statements = block.text.split(';').filter((statement) => /\S/.test(statement));
    expect(statements.map((statement) => connection.all(statement).length)).not.toContain(0);
    connection.close();
  });
});

describe('commands in the documents', () => {
  const program = createProgram({
    version: '0', environment: {}, folder: root, stdout: process.stdout, stderr: process.stderr, signal: new AbortController().signal,
    configure: unused, configureDefaults: unused, open: unused, openCopy: unused, openRuns: unused, openWorker: unused, describeRemote: unused, serve: unused, openPutAside: unused, diagnose: unused,
  });
  const optionsOf = new Map(program.commands.map((command) => [command.name(), [...program.options, ...command.options, ...command.commands.flatMap((each) => each.options)].map(({ long }) => long ?? '')]));

  it.each(titled(blocks.filter(({ language }) => language === 'sh' || language === 'console')))('%s names commands, options and scripts that there are', (_, block) => {
    const lines = block.text.split('\n').map((line) => line.replace(/ # .*$/, '')).flatMap((line) => (block.language === 'sh' ? [line] : /^\$ (.*)/.exec(line)?.[1] ?? []));
    for (const [, name = '', rest = ''] of lines.flatMap((line) => [...line.matchAll(/\bcodeloom ([a-z]+)([^|&;>]*)/g)])) {
      expect(optionsOf.keys(), `codeloom ${name}`).toContain(name);
      for (const [option] of rest.matchAll(/--[a-z][a-z-]*/g)) expect(optionsOf.get(name), `codeloom ${name} ${option}`).toContain(option);
    }
    const scripts = Object.keys((JSON.parse(read(existsSync(join(root, block.document, '../package.json')) ? join(block.document, '../package.json') : 'package.json')) as { scripts: object }).scripts);
    for (const [, script = ''] of block.text.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toContain(script);
  });

  it('docs/cli.md names every command and every option, and none that there is not', () => {
    const document = read('docs/cli.md');
    const options = new Set([...optionsOf.values()].flat());
    expect([...optionsOf.keys()].filter((name) => !document.includes(`codeloom ${name}`))).toEqual([]);
    expect([...options].filter((option) => !new RegExp(`${option}\\b`).test(document))).toEqual([]);
    expect([...document.matchAll(/`(--[a-z][a-z-]*)/g)].map(([, option = '']) => option).filter((option) => !options.has(option) && option !== '--help')).toEqual([]);
  });
});

function unused(): never {
  throw new Error('No command runs here.');
}
