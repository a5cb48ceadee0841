import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { createTreeSitterParser } from '../../../src/adapters/tree-sitter/parser.js';

const SOURCES = fileURLToPath(new URL('../../../src/', import.meta.url));

export interface BuiltAdapter {
  /** The built module, for a process of its own. */
  readonly url: string;
  readonly createTreeSitterParser: typeof createTreeSitterParser;
  remove(): void;
}

/**
 * The adapter as JavaScript, from the sources as they are now: worker threads cannot run TypeScript. Written within the package, so that its dependencies and
 * grammars are found.
 */
export async function buildAdapter(): Promise<BuiltAdapter> {
  const target = fileURLToPath(new URL(`../../../node_modules/.cache/codeloom-test-${process.pid}-${Date.now()}/`, import.meta.url));
  for (const folder of ['domain', 'adapters/tree-sitter']) {
    for (const file of readdirSync(join(SOURCES, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.d.ts')) continue;
      const { outputText } = ts.transpileModule(readFileSync(join(SOURCES, folder, file), 'utf8'), {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
      });
      const path = join(target, folder, `${file.slice(0, -3)}.js`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, outputText);
    }
  }
  writeFileSync(join(target, 'package.json'), '{"type":"module"}');
  const url = pathToFileURL(join(target, 'adapters/tree-sitter/parser.js')).href;
  const built = (await import(/* @vite-ignore */ url)) as { createTreeSitterParser: typeof createTreeSitterParser }; // what was just built from that module
  return { url, createTreeSitterParser: built.createTreeSitterParser, remove: () => rmSync(target, { recursive: true, force: true }) };
}
