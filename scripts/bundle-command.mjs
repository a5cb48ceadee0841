// Bundles the installed command into dist/bin: what a question needs is one chunk, so that an answer does not wait for a hundred files to be found and read.
// Everything else (indexing, the configuration's schema, doctor) stays in chunks that are loaded when wanted. See docs/decisions/0014-the-command-is-bundled.md.
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { BUNDLED, root } from './shipped-packages.mjs';

const out = join(root, 'dist/bin');
/** What else a question loads is found in node_modules when it is needed. */

const isBundled = new RegExp(`^(${BUNDLED.join('|')})(/|$)`);

/** Loaded by a question from its start to its end. */
const ASKING = [
  /\/src\/adapters\/(cli|sqlite)\//, /\/src\/adapters\/memory\/fact-store\.ts$/, /\/src\/domain\/(?!linking\/|scip\/|overlay\/|exporting\/(?!export-format))/, /\/src\/use-cases\/(codeloom\.ts|queries\/)/,
  /\/src\/infrastructure\/(command-line|config|open-codeloom|create-codeloom|store-choice|store-set|store-folder|version)\.ts$/,
  new RegExp(`/node_modules/(${BUNDLED.join('|')})/`), /rolldown[/:]runtime/,
];
/** Among these, but only one command's. */
const NOT_ASKING = /\/src\/(adapters\/cli\/progress|use-cases\/queries\/verify-snapshot|domain\/(facts-codec|path-selection|file-facts))\.ts$/;

rmSync(out, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  input: { codeloom: 'src/infrastructure/bin/codeloom.ts', worker: 'src/adapters/tree-sitter/worker.ts' },
  platform: 'node',
  // Which chunk an import leads to is decided below; some imports are lazy for the sake of the library alone.
  checks: { ineffectiveDynamicImport: false },
  external: (id) => !/^[./]/.test(id) && !isBundled.test(id),
});
await bundle.write({
  dir: out,
  format: 'esm',
  // For `--verbose`; without the texts, which would be as large as the code again.
  sourcemap: true,
  sourcemapExcludeSources: true,
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  codeSplitting: { groups: [{ name: 'asking', test: (id) => !NOT_ASKING.test(id) && ASKING.some((part) => part.test(id)) }] },
});
await bundle.close();
chmodSync(`${out}/codeloom.js`, 0o755);
