import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './installation.js';

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly peer?: boolean;
  readonly hasInstallScript?: boolean;
}

/** What an installation of codeloom may bring, as package-lock.json has it: dependencies and optional ones, theirs too, of every platform. */
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { readonly packages: Readonly<Record<string, Locked>> };
const shipped = Object.entries(packages).filter(([path, { dev, peer }]) => path !== '' && dev !== true && peer !== true);

const LICENCES = ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD'];

describe('what is installed with the package', () => {
  it('is known', () => {
    expect(shipped.length).toBeGreaterThan(20);
    expect(shipped.map(([path]) => path)).toEqual(expect.arrayContaining(['node_modules/inversify', 'node_modules/libsql', 'node_modules/@libsql/darwin-arm64']));
  });

  it('runs nothing when it is installed', () => {
    expect(shipped.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path)).toEqual([]);
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> };
    expect(Object.keys(scripts).filter((name) => ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'preprepare', 'postprepare'].includes(name))).toEqual([]);
  });

  it('has a licence that asks for no more than to be named', () => {
    expect(shipped.filter(([, { license }]) => !(license ?? '').replace(/^\((.*)\)$/, '$1').split(' AND ').every((each) => LICENCES.includes(each))).map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });
});
