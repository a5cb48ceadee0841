import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Where the blocks of documents are put to be checked: inside the project, so that its packages are found. */
mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
const folder = mkdtempSync(join(root, 'node_modules/.cache/documents-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('documents', () => {
  // Against the built declarations: what a user's compiler sees.
  it('have TypeScript that passes the compiler, strictly', () => {
    const files = ['README.md', 'docs/library.md'].flatMap((document) => {
      const blocks = [...read(document).matchAll(/^```ts\n([^]*?)^```/gm)].map(([, block]) => block ?? '');
      expect(blocks.length).toBeGreaterThan(0);
      return blocks.map((block, index) => {
        const file = join(folder, `${document.replace(/\W/g, '-')}-${index}.mts`);
        writeFileSync(file, `${block}\nexport {};\n`);
        return file;
      });
    });
    const program = ts.createProgram(files, {
      target: ts.ScriptTarget.ES2022, lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'], module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: true, noEmit: true, types: ['node'],
      paths: { codeloom: [join(root, 'dist/index.d.ts')], 'codeloom/testing': [join(root, 'dist/testing.d.ts')] },
    });
    const wrong = files.flatMap((file) => {
      const source = program.getSourceFile(file);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    expect(wrong.map((each) => `${each.file?.fileName.replace(folder, '') ?? ''}: ${ts.flattenDiagnosticMessageText(each.messageText, '\n')}`)).toEqual([]);
  }, 120_000);

  it('docs/library.md names every export', () => {
    const document = read('docs/library.md');
    const names = [...read('src/index.ts').matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) => (list ?? '').split(','))
      .map((entry) => entry.trim().replace(/^type /, '').replace(/^.* as /, '')).filter((name) => name !== '');
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(document))).toEqual([]);
  });

  const documents = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md')).map((path) => join('docs', path))];

  it.each(documents)('%s has links that lead somewhere', (document) => {
    const targets = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target ?? '');
    expect(targets.filter((target) => !existsSync(join(root, document, '..', target)))).toEqual([]);
  });

  it.each(documents)('%s names files that are there', (document) => {
    // whole paths only: what has a wildcard or a part to fill in names several
    const named = [...read(document).matchAll(/`((?:src|test|docs|scripts|bench)\/[\w./-]+)`/g)].map(([, path]) => path ?? '');
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
