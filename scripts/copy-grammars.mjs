// Copies the grammars (WebAssembly) and their licences from their npm packages into grammars/, which the package ships.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GRAMMARS, installed, root } from './shipped-packages.mjs';

const target = join(root, 'grammars');
mkdirSync(target, { recursive: true });
for (const [name, files] of Object.entries(GRAMMARS)) {
  const { folder, text } = installed(name);
  for (const file of files) copyFileSync(join(folder, file), join(target, file));
  writeFileSync(join(target, `${name}.LICENSE`), `${text}\n`);
}
