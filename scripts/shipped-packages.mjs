// What of other packages goes into ours as a copy, rather than being installed beside it. Its licences are shipped, and it is in the bill of materials.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiled grammars, by their packages. */
export const GRAMMARS = {
  'tree-sitter-typescript': ['tree-sitter-typescript.wasm', 'tree-sitter-tsx.wasm'],
  'tree-sitter-javascript': ['tree-sitter-javascript.wasm'],
  'tree-sitter-python': ['tree-sitter-python.wasm'],
};

/** Packages that every question of the command line loads, bundled into it. */
export const BUNDLED = ['commander', 'env-paths', 'is-safe-filename', 'picocolors'];

/** Packages of which something is bundled into the code of workflows. */
export const IN_WORKFLOWS = ['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc', 'zod'];

/** Folder, manifest and licence text of an installed package. */
export function installed(name) {
  const folder = join(root, 'node_modules', name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e(\.|$)/i.test(each));
  if (file === undefined) throw new Error(`${name} carries no licence file`);
  return { name, folder, version: manifest.version, licence: manifest.license, text: readFileSync(join(folder, file), 'utf8').trim() };
}
