// Copies the grammars (WebAssembly) and their licences from their npm packages into grammars/, which the package ships.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const target = fileURLToPath(new URL('../grammars/', import.meta.url));
const grammars = {
  'tree-sitter-typescript': ['tree-sitter-typescript.wasm', 'tree-sitter-tsx.wasm'],
  'tree-sitter-javascript': ['tree-sitter-javascript.wasm'],
  'tree-sitter-python': ['tree-sitter-python.wasm'],
};
mkdirSync(target, { recursive: true });
for (const [name, files] of Object.entries(grammars)) {
  const folder = dirname(require.resolve(`${name}/package.json`));
  for (const file of files) copyFileSync(join(folder, file), join(target, file));
  const licence = ['LICENSE', 'LICENSE.md', 'LICENSE.txt'].map((file) => join(folder, file)).find(existsSync);
  if (licence === undefined) throw new Error(`${name} carries no licence file`);
  copyFileSync(licence, join(target, `${name}.LICENSE`));
}
