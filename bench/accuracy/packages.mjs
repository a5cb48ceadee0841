// Sources that package registries carry, fetched by the registries' ordinary clients and kept in a cache folder.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/codeloom/packages/', import.meta.url));

/**
 * The folder of an unpacked package, fetched if it is not in the cache. `registry` is `npm` (a tarball, by npm) or `pypi` (a wheel of pure Python, by pip);
 * `sha256` is that of what is fetched. Throws an Error that says why when it cannot be had.
 */
export function unpacked({ name, registry, package: packageName, version, sha256 }, cache = CACHE) {
  const folder = join(cache, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, '.fetch-'));
  try {
    fetch(registry, packageName, version, work);
    const [archive] = readdirSync(work);
    const found = createHash('sha256').update(readFileSync(join(work, archive))).digest('hex');
    if (found !== sha256) throw new Error(`${packageName} ${version} has the SHA-256 ${found}, not ${sha256}.`);
    const inside = join(work, 'unpacked');
    mkdirSync(inside);
    if (registry === 'npm') run('tar', ['-xzf', join(work, archive), '-C', inside]);
    else run('python3', ['-m', 'zipfile', '-e', join(work, archive), inside]);
    renameSync(registry === 'npm' ? join(inside, 'package') : inside, folder);
    return folder;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function fetch(registry, name, version, folder) {
  if (registry === 'npm') run('npm', ['pack', `${name}@${version}`, '--pack-destination', folder, '--silent']);
  else run('python3', ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--dest', folder, `${name}==${version}`]);
}

function run(command, args) {
  try {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000, encoding: 'utf8' });
  } catch (error) {
    throw new Error(`${command} ${args[0]} failed: ${String(error.stderr ?? error.message).trim().split('\n').at(-1)}`);
  }
}
