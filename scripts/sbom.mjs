// Writes dist/sbom.cdx.json: a bill of materials (CycloneDX) of what an installation brings, from the lock file, and of the grammars that are shipped as copies.
// Says the same each time: it bears no date and no number.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GRAMMARS, installed, root } from './shipped-packages.mjs';

const npm = process.env.npm_execpath;
const argv = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--omit', 'peer', '--package-lock-only'];
const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'ignore'] };
const bill = JSON.parse(npm === undefined ? execFileSync('npm', argv, options) : execFileSync(process.execPath, [npm, ...argv], options));

delete bill.serialNumber;
delete bill.metadata.timestamp;
bill.metadata.component.name = 'codeloom'; // npm takes the folder's
for (const [name, files] of Object.entries(GRAMMARS)) {
  const { folder, version, licence } = installed(name);
  bill.components.push({
    'bom-ref': `${name}@${version}`, type: 'library', name, version, scope: 'required', purl: `pkg:npm/${name}@${version}`, licenses: [{ license: { id: licence } }],
    components: files.map((file) => ({
      'bom-ref': `grammars/${file}`, type: 'file', name: `grammars/${file}`, hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(readFileSync(join(folder, file))).digest('hex') }],
    })),
  });
  bill.dependencies.push({ ref: `${name}@${version}`, dependsOn: [] });
  bill.dependencies.find(({ ref }) => ref === bill.metadata.component['bom-ref'])?.dependsOn.push(`${name}@${version}`);
}
bill.components.sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
writeFileSync(join(root, 'dist/sbom.cdx.json'), `${JSON.stringify(bill, null, 1)}\n`);
