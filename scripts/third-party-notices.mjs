// Writes dist/THIRD-PARTY-NOTICES.txt: the licences of what the package holds copies of.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED, GRAMMARS, IN_WORKFLOWS, installed, root } from './shipped-packages.mjs';

const line = '-'.repeat(80);
const parts = [...Object.keys(GRAMMARS), ...BUNDLED, ...IN_WORKFLOWS].map(installed)
  .map(({ name, version, licence, text }) => `${line}\n${name} ${version} (${licence})\n${line}\n\n${text}\n`);
writeFileSync(join(root, 'dist/THIRD-PARTY-NOTICES.txt'), `codeloom holds copies of the following: the grammars in grammars/, the others in dist/bin and dist/temporal.\n\n${parts.join('\n')}`);
