import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ecmascriptModules } from '../../../src/domain/linking/languages/ecmascript/modules.js';
import { workspacePatterns } from '../../../src/domain/linking/languages/ecmascript/pnpm-workspace.js';
import type { ImportStyle, ModuleResolver, ModuleTarget } from '../../../src/domain/linking/module-resolver.js';

type Files = Readonly<Record<string, unknown>>;

/** A snapshot: configuration as text or as an object, other files named only. */
function resolverFor(files: Files, others: readonly string[] = []): ModuleResolver {
  const paths = new Set([...Object.keys(files), ...others].sort());
  return ecmascriptModules.create({
    paths,
    configuration: (path) => {
      if (!ecmascriptModules.isConfiguration(path) || !Object.hasOwn(files, path)) return undefined;
      const value = files[path];
      return typeof value === 'string' ? value : JSON.stringify(value);
    },
  });
}

/** The target in short: the path, `ns`, `external package module`, `asset path`, `missing`. */
function short(target: ModuleTarget): string {
  switch (target.kind) {
    case 'file': return target.path;
    case 'asset': return `asset ${target.path}`;
    case 'external': return `external ${target.package} ${target.module}`;
    case 'namespace': return `namespace ${target.folders.join(' ')}`;
    case 'missing': return 'missing';
  }
}

function looker(files: Files, others: readonly string[] = []): (from: string, specifier: string, style?: ImportStyle) => string {
  const resolver = resolverFor(files, others);
  return (from, specifier, style = 'import') => short(resolver.resolve(from, specifier, style));
}

describe('relative specifiers', () => {
  test('without ending take TypeScript before declarations before JavaScript', () => {
    const look = looker({}, ['src/a.ts', 'src/b.ts', 'src/b.js', 'src/c.tsx', 'src/c.d.ts', 'src/d.d.ts', 'src/d.js', 'src/e.mjs']);
    expect(look('src/a.ts', './b')).toBe('src/b.ts');
    expect(look('src/a.ts', './c')).toBe('src/c.tsx');
    expect(look('src/a.ts', './d')).toBe('src/d.d.ts');
    expect(look('src/a.ts', './e')).toBe('src/e.mjs');
  });

  test('from JavaScript take what Node takes', () => {
    const look = looker({}, ['a.js', 'b.ts', 'b.js', 'c.json', 'c.ts', 'd.d.ts', 'd.js', 'bin/run', 'only.ts']);
    expect(look('a.js', './b', 'require')).toBe('b.js');
    expect(look('a.js', './c', 'require')).toBe('asset c.json');
    expect(look('a.js', './d', 'require')).toBe('d.js');
    expect(look('a.js', './bin/run', 'require')).toBe('asset bin/run');
    expect(look('a.js', './only')).toBe('only.ts');
  });

  test('.js, .mjs, .cjs and .jsx are written for their TypeScript files', () => {
    const look = looker({}, ['a.ts', 'b.ts', 'c.mts', 'd.cts', 'e.tsx', 'f.ts', 'f.js', 'g.tsx', 'h.ts']);
    expect(look('a.ts', './b.js')).toBe('b.ts');
    expect(look('a.ts', './c.mjs')).toBe('c.mts');
    expect(look('a.ts', './d.cjs')).toBe('d.cts');
    expect(look('a.ts', './e.jsx')).toBe('e.tsx');
    expect(look('a.ts', './g.js')).toBe('g.tsx');
    expect(look('a.ts', './f.js')).toBe('f.ts');
    expect(look('x.js', './f.js')).toBe('f.js');
    expect(look('a.ts', './h.ts')).toBe('h.ts');
    expect(look('a.ts', './b.mjs')).toBe('missing');
  });

  test('dots in names are no endings', () => {
    const look = looker({}, ['a.ts', 'user.service.ts', 'v1.2.ts']);
    expect(look('a.ts', './user.service')).toBe('user.service.ts');
    expect(look('a.ts', './v1.2')).toBe('v1.2.ts');
  });

  test('folders lead to their package.json, then their index', () => {
    const look = looker(
      { 'lib/a/package.json': { main: './entry.js' }, 'lib/b/package.json': { main: './gone.js' }, 'lib/t/package.json': { types: 'types.d.ts', main: 'main.js' } },
      ['x.ts', 'x.js', 'lib/a/entry.ts', 'lib/a/index.ts', 'lib/b/index.ts', 'lib/c/index.tsx', 'lib/d/readme.md', 'lib/t/types.d.ts', 'lib/t/main.js', 'lib/c.ts'],
    );
    expect(look('x.ts', './lib/a')).toBe('lib/a/entry.ts');
    expect(look('x.ts', './lib/b')).toBe('lib/b/index.ts');
    expect(look('x.ts', './lib/c')).toBe('lib/c.ts');
    expect(look('x.ts', './lib/c/')).toBe('lib/c/index.tsx');
    expect(look('x.ts', './lib/d')).toBe('missing');
    expect(look('x.ts', './lib/t')).toBe('lib/t/types.d.ts');
    expect(look('x.js', './lib/t')).toBe('lib/t/main.js');
  });

  test('`.` and `..` are folders, not files beside them', () => {
    const look = looker({}, ['src/index.ts', 'src/a.ts', 'src.ts', 'src/sub/b.ts', 'index.ts']);
    expect(look('src/a.ts', '.')).toBe('src/index.ts');
    expect(look('src/a.ts', './')).toBe('src/index.ts');
    expect(look('src/a.ts', '..')).toBe('index.ts');
    expect(look('src/sub/b.ts', '..')).toBe('src/index.ts');
    expect(look('src/a.ts', '../..')).toBe('missing');
  });

  test('to nothing, or out of the repository, are missing', () => {
    const look = looker({}, ['a.ts']);
    expect(look('a.ts', './b')).toBe('missing');
    expect(look('a.ts', '../../b')).toBe('missing');
    expect(look('a.ts', '')).toBe('missing');
  });

  test('other files are assets, also with what a bundler is asked to do', () => {
    const look = looker({}, ['a.ts', 'x.svg', 'data.json', 'w.ts', 's.css', 'odd#name.ts']);
    expect(look('a.ts', './x.svg')).toBe('asset x.svg');
    expect(look('a.ts', './x.svg?raw')).toBe('asset x.svg');
    expect(look('a.ts', './data.json')).toBe('asset data.json');
    expect(look('a.ts', './w?raw')).toBe('asset w.ts');
    expect(look('a.ts', './w?worker')).toBe('w.ts');
    expect(look('a.ts', './w.js?v=1')).toBe('w.ts');
    expect(look('a.ts', '!!style-loader!./s.css')).toBe('asset s.css');
    expect(look('a.ts', 'raw-loader!./w.ts')).toBe('asset w.ts');
    expect(look('a.ts', './odd#name')).toBe('odd#name.ts');
    expect(look('a.ts', './gone.svg?raw')).toBe('missing');
  });

  test('absolute ones start at the package', () => {
    const look = looker({ 'app/package.json': {} }, ['app/src/main.ts', 'app/src/x.ts', 'app/public/logo.svg', 'src/x.ts']);
    expect(look('app/src/main.ts', '/src/x')).toBe('app/src/x.ts');
    expect(look('app/src/main.ts', '/logo.svg')).toBe('asset app/public/logo.svg');
    expect(look('app/src/main.ts', '/etc/passwd')).toBe('external /etc/passwd /etc/passwd');
  });
});

describe('what leaves the repository', () => {
  const look = looker({ 'package.json': {} }, ['a.ts', 'fs.ts', 'lodash.ts', 'lodash/index.ts']);
  test.each([
    ['fs', 'external node:fs node:fs'],
    ['node:fs', 'external node:fs node:fs'],
    ['fs/promises', 'external node:fs node:fs/promises'],
    ['node:test/reporters', 'external node:test node:test/reporters'],
    ['test', 'external test test'],
    ['events/', 'external events events'],
    ['lodash', 'external lodash lodash'],
    ['lodash/fp', 'external lodash lodash/fp'],
    ['@scope/pkg/deep/mod.js', 'external @scope/pkg @scope/pkg/deep/mod.js'],
    ['pkg/style.css?inline', 'external pkg pkg/style.css'],
    ['https://user:secret@esm.sh/react@18?token=x', 'external https://esm.sh https://esm.sh/react@18'],
    ['data:text/javascript,1', 'external data: data:'],
    ['jsr:@std/path@1/posix', 'external @std/path @std/path/posix'],
    ['npm:chalk@5', 'external chalk chalk'],
    ['bun:test', 'external bun:test bun:test'],
    ['@/components/a', 'missing'],
    ['~/a', 'missing'],
    ['#a', 'missing'],
  ])('%s', (specifier, expected) => {
    expect(look('a.ts', specifier)).toBe(expected);
  });
});

describe('tsconfig', () => {
  test('baseUrl gives bare names files, except those of Node', () => {
    const look = looker({ 'tsconfig.json': { compilerOptions: { baseUrl: './src' } } }, ['src/a.ts', 'src/util/b.ts', 'src/fs.ts', 'src/x/index.ts']);
    expect(look('src/a.ts', 'util/b')).toBe('src/util/b.ts');
    expect(look('src/a.ts', 'x')).toBe('src/x/index.ts');
    expect(look('src/a.ts', 'fs')).toBe('external node:fs node:fs');
    expect(look('src/a.ts', 'util')).toBe('external node:util node:util');
    expect(look('src/a.ts', 'nothing')).toBe('external nothing nothing');
  });

  test('paths: an exact key, then the longest prefix; targets in order; then the other rules', () => {
    const look = looker(
      {
        'tsconfig.json': {
          compilerOptions: {
            baseUrl: '.',
            paths: { '@/*': ['src/*'], '@/ui/*': ['gone/*', 'packages/ui/*'], '@/ui/exact': ['src/special'], '*': ['shims/*'], 'react': ['node_modules/@types/react'], '@acme/*': ['libs/*/src'], '#lib/*': ['src/*'] },
          },
        },
        'package.json': { dependencies: { '@acme/installed': '^1' } },
      },
      ['src/a.ts', 'src/ui/no.ts', 'packages/ui/button.ts', 'src/special.ts', 'shims/thing.d.ts', 'libs/core/src/index.ts', 'based.ts'],
    );
    expect(look('src/a.ts', '@/a')).toBe('src/a.ts');
    expect(look('src/a.ts', '@/a.js')).toBe('src/a.ts');
    expect(look('src/a.ts', '@/ui/button')).toBe('packages/ui/button.ts');
    expect(look('src/a.ts', '@/ui/no')).toBe('missing');
    expect(look('src/a.ts', '@/ui/exact')).toBe('src/special.ts');
    expect(look('src/a.ts', 'thing')).toBe('shims/thing.d.ts');
    expect(look('src/a.ts', 'other')).toBe('external other other');
    expect(look('src/a.ts', 'based')).toBe('based.ts');
    expect(look('src/a.ts', 'react')).toBe('external react react');
    expect(look('src/a.ts', '@acme/core')).toBe('libs/core/src/index.ts');
    expect(look('src/a.ts', '@acme/gone')).toBe('missing');
    expect(look('src/a.ts', '@acme/installed')).toBe('external @acme/installed @acme/installed');
    expect(look('src/a.ts', '#lib/a')).toBe('src/a.ts');
    expect(look('src/a.ts', '@/x.svg?raw')).toBe('missing');
  });

  test('a wildcard does not take Node\'s modules, their own name does', () => {
    const look = looker({ 'tsconfig.json': { compilerOptions: { paths: { '*': ['./shims/*'], buffer: ['./shims/buffer'] } } } }, ['a.ts', 'shims/fs.ts', 'shims/buffer.ts']);
    expect(look('a.ts', 'fs')).toBe('external node:fs node:fs');
    expect(look('a.ts', 'buffer')).toBe('shims/buffer.ts');
  });

  test('paths without baseUrl are meant from the configuration that declares them', () => {
    const look = looker(
      { 'config/tsconfig.base.json': { compilerOptions: { paths: { '~/*': ['./shared/*'] } } }, 'app/tsconfig.json': { extends: '../config/tsconfig.base.json' } },
      ['app/a.ts', 'config/shared/x.ts', 'app/shared/x.ts'],
    );
    expect(look('app/a.ts', '~/x')).toBe('config/shared/x.ts');
  });

  test('extends: several, with comments, later ones winning, through packages, and ${configDir}', () => {
    const look = looker(
      {
        'package.json': { workspaces: ['tools/*'] },
        'tools/tsconfig/package.json': { name: '@acme/tsconfig' },
        'tools/tsconfig/strict.json': '{ /* shared */ "compilerOptions": { "paths": { "own/*": ["${configDir}/lib/*"] }, }, }',
        'a.tsconfig.json': { compilerOptions: { baseUrl: './one' } },
        'b.tsconfig.json': { compilerOptions: { baseUrl: './two' } },
        'app/tsconfig.json': { extends: ['@acme/tsconfig/strict', '../a.tsconfig', '../b.tsconfig.json', 'somewhere/tsconfig.json'] },
      },
      ['app/x.ts', 'app/lib/y.ts', 'one/m.ts', 'two/m.ts', 'one/n.ts'],
    );
    expect(look('app/x.ts', 'own/y')).toBe('app/lib/y.ts');
    expect(look('app/x.ts', 'm')).toBe('two/m.ts');
    expect(look('app/x.ts', 'n')).toBe('external n n');
  });

  test('what is wrong with them is said once, and the rest holds', () => {
    const resolver = resolverFor(
      {
        'tsconfig.json': { extends: ['./gone.json', './tsconfig.a.json', 'not-installed/base', './node_modules/x/tsconfig.json'], compilerOptions: { baseUrl: '../..', paths: { 'a/*': ['./a/*', '/abs/*'], b: 7 } }, references: [{ path: './nowhere' }] },
        'tsconfig.a.json': { extends: './tsconfig.json' },
        'sub/tsconfig.json': '{ "compilerOptions": { "baseUrl": "." ',
        'bad/tsconfig.json': '[1]',
      },
      ['x.ts', 'a/y.ts', 'sub/x.ts', 'sub/z.ts'],
    );
    expect(short(resolver.resolve('x.ts', 'a/y', 'import'))).toBe('a/y.ts');
    expect(short(resolver.resolve('sub/x.ts', 'z', 'import'))).toBe('sub/z.ts');
    expect(resolver.diagnostics().map(({ path, code }) => `${path} ${code}`)).toEqual([
      'bad/tsconfig.json configuration-type',
      'sub/tsconfig.json configuration-syntax',
      'tsconfig.a.json configuration-cycle',
      'tsconfig.json configuration-missing',
      'tsconfig.json configuration-missing',
      'tsconfig.json configuration-outside',
      'tsconfig.json configuration-outside',
      'tsconfig.json configuration-type',
    ]);
    expect(resolver.diagnostics()).toEqual(resolver.diagnostics());
  });

  test('the nearest one counts; references lead to the one that includes the file', () => {
    const look = looker(
      {
        'tsconfig.json': { compilerOptions: { paths: { '@/*': ['./root/*'] } } },
        'app/tsconfig.json': { files: [], references: [{ path: './tsconfig.app.json' }, { path: './tests' }] },
        'app/tsconfig.app.json': { include: ['src'], exclude: ['src/**/*.spec.ts'], compilerOptions: { paths: { '@/*': ['./src/*'] } } },
        'app/tests/tsconfig.json': { include: ['.', '../src/**/*.spec.ts'], compilerOptions: { paths: { '@/*': ['./helpers/*'] } } },
      },
      ['root/m.ts', 'app/src/m.ts', 'app/src/x.ts', 'app/src/deep/x.spec.ts', 'app/tests/helpers/m.ts', 'app/tests/t.ts', 'other/x.ts'],
    );
    expect(look('app/src/x.ts', '@/m')).toBe('app/src/m.ts');
    expect(look('app/src/deep/x.spec.ts', '@/m')).toBe('app/tests/helpers/m.ts');
    expect(look('app/tests/t.ts', '@/m')).toBe('app/tests/helpers/m.ts');
    expect(look('other/x.ts', '@/m')).toBe('root/m.ts');
  });

  test('a file that the nearest one leaves out still has it, then those around it', () => {
    const look = looker(
      {
        'tsconfig.json': { compilerOptions: { paths: { 'outer/*': ['./outer/*'] } } },
        'p/tsconfig.json': { include: ['src'], compilerOptions: { paths: { '@/*': ['./src/*'] } } },
      },
      ['outer/o.ts', 'p/src/m.ts', 'p/test/t.ts'],
    );
    expect(look('p/test/t.ts', '@/m')).toBe('p/src/m.ts');
    expect(look('p/test/t.ts', 'outer/o')).toBe('outer/o.ts');
    expect(look('p/src/m.ts', 'outer/o')).toBe('external outer outer/o');
  });

  test('jsconfig.json serves where there is no tsconfig.json', () => {
    const look = looker({ 'jsconfig.json': { compilerOptions: { baseUrl: 'src' } }, 'both/jsconfig.json': { compilerOptions: { baseUrl: 'js' } }, 'both/tsconfig.json': { compilerOptions: { baseUrl: 'ts' } } }, ['src/a.js', 'src/b.js', 'both/js/m.js', 'both/ts/m.js', 'both/x.js']);
    expect(look('src/a.js', 'b')).toBe('src/b.js');
    expect(look('both/x.js', 'm')).toBe('both/ts/m.js');
  });

  test('rootDirs are one folder, moduleSuffixes come in order', () => {
    const look = looker(
      { 'tsconfig.json': { compilerOptions: { rootDirs: ['src', 'generated'], moduleSuffixes: ['.ios', ''] } } },
      ['src/v/a.ts', 'generated/v/t.ts', 'src/v/b.ts', 'src/v/b.ios.ts', 'src/v/c.ts', 'elsewhere/v/t.ts'],
    );
    expect(look('src/v/a.ts', './t')).toBe('generated/v/t.ts');
    expect(look('src/v/a.ts', './b')).toBe('src/v/b.ios.ts');
    expect(look('src/v/a.ts', './c')).toBe('src/v/c.ts');
    expect(look('src/v/a.ts', './u')).toBe('missing');
  });

  test('a relative import of declared output is one of its source', () => {
    const look = looker({ 'package.json': {}, 'tsconfig.json': { compilerOptions: { outDir: 'dist', rootDir: 'src' } } }, ['src/a.ts', 'test/t.js', 'lib2/b.ts']);
    expect(look('test/t.js', '../dist/a.js')).toBe('src/a.ts');
    expect(look('test/t.js', '../build/a.js')).toBe('missing');
  });
});

describe('package.json', () => {
  test('exports: conditions in the order of the map, patterns, closed entries', () => {
    const look = looker(
      {
        'package.json': { workspaces: ['p', 'app'] },
        'p/package.json': {
          name: 'p',
          exports: {
            '.': { browser: './browser.js', import: './esm.mjs', require: './cjs.cjs', default: './other.js' },
            './nested': { node: { import: './n-import.js' }, default: './n-default.js' },
            './f/*': './features/*.js', './f/private/*': null, './features/private/*': null, './f/*.css': './css/*.css', './closed': null, './for-browsers': { node: null, default: './browser.js' }, './arr': [{ never: './x.js' }, './arr.js'],
          },
        },
        'app/package.json': { name: 'app' },
      },
      ['app/a.js', 'p/browser.js', 'p/esm.mjs', 'p/cjs.cjs', 'p/other.js', 'p/n-import.js', 'p/n-default.js', 'p/features/x.js', 'p/features/d/y.js', 'p/features/private/z.js', 'p/css/x.css', 'p/arr.js'],
    );
    expect(look('app/a.js', 'p')).toBe('p/esm.mjs');
    expect(look('app/a.js', 'p', 'require')).toBe('p/cjs.cjs');
    expect(look('app/a.js', 'p/nested')).toBe('p/n-import.js');
    expect(look('app/a.js', 'p/nested', 'require')).toBe('p/n-default.js');
    expect(look('app/a.js', 'p/f/x')).toBe('p/features/x.js');
    expect(look('app/a.js', 'p/f/d/y')).toBe('p/features/d/y.js');
    expect(look('app/a.js', 'p/f/private/z')).toBe('missing');
    expect(look('app/a.js', 'p/f/x.css')).toBe('asset p/css/x.css');
    expect(look('app/a.js', 'p/arr')).toBe('p/arr.js');
    expect(look('app/a.js', 'p/closed')).toBe('missing');
    expect(look('app/a.js', 'p/for-browsers')).toBe('missing');
    // Closed though the file is there; a file that the map does not name at all is one that older resolution finds.
    expect(look('app/a.js', 'p/features/private/z.js')).toBe('missing');
    expect(look('app/a.js', 'p/css/x.css')).toBe('asset p/css/x.css');
  });

  test('types count for TypeScript and for imports of types only', () => {
    const look = looker(
      { 'package.json': { workspaces: ['p'] }, 'p/package.json': { name: 'p', exports: { types: './index.d.ts', default: './main.js' } } },
      ['a.ts', 'a.js', 'p/index.d.ts', 'p/main.js'],
    );
    expect(look('a.ts', 'p')).toBe('p/index.d.ts');
    expect(look('a.js', 'p')).toBe('p/main.js');
    expect(look('a.js', 'p', 'type')).toBe('p/index.d.ts');
  });

  test('customConditions and, under Node formats, the importing file\'s own format', () => {
    const look = looker(
      {
        'package.json': { workspaces: ['p', 'cjs', 'esm'] },
        'p/package.json': { name: 'p', exports: { '.': { '@acme/source': './src/p.ts', default: './main.js' }, './f': { import: './i.js', require: './r.js' } } },
        'cjs/package.json': { name: 'cjs' }, 'cjs/tsconfig.json': { compilerOptions: { module: 'NodeNext', customConditions: ['@acme/source'] } },
        'esm/package.json': { name: 'esm', type: 'module' }, 'esm/tsconfig.json': { compilerOptions: { module: 'NodeNext' } },
      },
      ['p/src/p.ts', 'p/main.js', 'p/i.js', 'p/r.js', 'cjs/a.ts', 'cjs/b.mts', 'esm/a.ts', 'esm/b.cts'],
    );
    expect(look('cjs/a.ts', 'p')).toBe('p/src/p.ts');
    expect(look('esm/a.ts', 'p')).toBe('p/main.js');
    expect(look('cjs/a.ts', 'p/f')).toBe('p/r.js');
    expect(look('cjs/b.mts', 'p/f')).toBe('p/i.js');
    expect(look('esm/a.ts', 'p/f')).toBe('p/i.js');
    expect(look('esm/b.cts', 'p/f')).toBe('p/r.js');
  });

  test('#imports of the nearest package: files, built files, other packages', () => {
    const look = looker(
      {
        'package.json': { name: 'root', imports: { '#x': './wrong.ts' } },
        'p/package.json': { name: 'p', imports: { '#x': './dist/x.js', '#utils/*': { types: './src/utils/*.ts', default: './dist/utils/*.js' }, '#dep': 'lodash/fp', '#fs': 'node:fs', '#closed': null, '#self': '#self' } },
      },
      ['wrong.ts', 'p/src/x.ts', 'p/src/utils/u.ts', 'p/src/a.ts'],
    );
    expect(look('p/src/a.ts', '#x')).toBe('p/src/x.ts');
    expect(look('p/src/a.ts', '#utils/u')).toBe('p/src/utils/u.ts');
    expect(look('p/src/a.ts', '#dep')).toBe('external lodash lodash/fp');
    expect(look('p/src/a.ts', '#fs')).toBe('external node:fs node:fs');
    expect(look('p/src/a.ts', '#closed')).toBe('missing');
    expect(look('p/src/a.ts', '#self')).toBe('missing');
    expect(look('p/src/a.ts', '#none')).toBe('missing');
  });

  test('a package refers to itself by name', () => {
    const look = looker({ 'package.json': { name: 'me', exports: { '.': './dist/index.js', './sub': './dist/sub.js' } } }, ['src/index.ts', 'src/sub.ts', 'test/t.ts']);
    expect(look('test/t.ts', 'me')).toBe('src/index.ts');
    expect(look('test/t.ts', 'me/sub')).toBe('src/sub.ts');
    expect(look('test/t.ts', 'me/none')).toBe('missing');
    // Also when it depends on an older one of itself; without exports that one is meant.
    const versions = { name: 'me', version: '5.0.0', devDependencies: { me: '^4.0.0' } };
    expect(looker({ 'package.json': { ...versions, exports: './index.js' } }, ['index.js'])('index.js', 'me')).toBe('index.js');
    expect(looker({ 'package.json': versions }, ['index.js'])('index.js', 'me')).toBe('external me me');
  });

  test('typesVersions, main without ending, module', () => {
    const look = looker(
      {
        'package.json': { workspaces: ['*'] },
        'a/package.json': { name: 'a', main: './lib/main', typesVersions: { '<4': { '*': ['old/*'] }, '>=4': { '*': ['ts4/*'] } } },
        'b/package.json': { name: 'b', module: 'esm/index.js' },
      },
      ['x.ts', 'x.js', 'a/lib/main.js', 'a/ts4/lib/main.d.ts', 'a/ts4/sub.d.ts', 'a/old/sub.d.ts', 'a/sub.js', 'b/esm/index.js'],
    );
    expect(look('x.js', 'a')).toBe('a/lib/main.js');
    expect(look('x.ts', 'a')).toBe('a/ts4/lib/main.d.ts');
    expect(look('x.ts', 'a/sub')).toBe('a/ts4/sub.d.ts');
    expect(look('x.js', 'a/sub')).toBe('a/sub.js');
    expect(look('x.js', 'b')).toBe('b/esm/index.js');
  });
});

describe('workspaces', () => {
  test.each<[string, Files]>([
    ['npm and yarn', { 'package.json': { workspaces: ['packages/*', '!packages/out'] } }],
    ['yarn with packages', { 'package.json': { workspaces: { packages: ['./packages/*', '!packages/out'] } } }],
    ['pnpm', { 'pnpm-workspace.yaml': 'packages:\n  - "packages/**"\n  - "!**/out"\n', 'package.json': {} }],
    ['lerna', { 'lerna.json': { packages: ['packages/{a,b}'], version: '1.0.0' }, 'package.json': {} }],
  ])('of %s', (_name, files) => {
    const look = looker(
      {
        ...files,
        'packages/a/package.json': { name: '@acme/a', main: 'dist/index.js', version: '1.0.0' },
        'packages/b/package.json': { name: '@acme/b', dependencies: { '@acme/a': '^1.0.0', '@acme/out': '^3.0.0' } },
        'packages/out/package.json': { name: '@acme/out', main: 'index.js' },
      },
      ['packages/a/src/index.ts', 'packages/a/src/deep/x.ts', 'packages/b/src/b.ts', 'packages/out/index.js'],
    );
    expect(look('packages/b/src/b.ts', '@acme/a')).toBe('packages/a/src/index.ts');
    expect(look('packages/b/src/b.ts', '@acme/a/src/deep/x')).toBe('packages/a/src/deep/x.ts');
    expect(look('packages/b/src/b.ts', '@acme/a/dist/deep/x.js')).toBe('packages/a/src/deep/x.ts');
    expect(look('packages/b/src/b.ts', '@acme/a/none')).toBe('missing');
    expect(look('packages/b/src/b.ts', '@acme/out')).toBe('external @acme/out @acme/out');
    expect(look('packages/b/src/b.ts', '@acme/unknown')).toBe('external @acme/unknown @acme/unknown');
  });

  test('built entries lead to source: outDir and rootDir first, then the usual folders', () => {
    const look = looker(
      {
        'package.json': { workspaces: ['p/*'] },
        'p/declared/package.json': { name: 'declared', main: 'dist/index.js' },
        'p/declared/tsconfig.json': { compilerOptions: { outDir: './dist', rootDir: './code' } },
        'p/formats/package.json': { name: 'formats', exports: { '.': { types: './dist/types/index.d.ts', import: './dist/esm/index.mjs', require: './dist/cjs/index.cjs' }, './sub': './dist/sub.esm.js', './kernel': { types: './dist/types/core.d.ts' } } },
        'p/flat/package.json': { name: 'flat', types: 'build/flat.d.ts' },
        'p/src-kept/package.json': { name: 'src-kept', main: './out/src/main.js' },
        'p/field/package.json': { name: 'field', source: 'app/start.ts', main: 'dist/x.js' },
        'p/condition/package.json': { name: 'condition', exports: { types: './dist/y.d.ts', development: './dev/y.ts', default: './dist/y.js' } },
        'p/none/package.json': { name: 'none', main: 'dist/bundle.js' },
        'p/own/package.json': { name: '@x/own' },
        'p/kept/package.json': { name: 'kept', main: 'dist/index.js' },
        'p/in-place/package.json': { name: 'in-place', main: 'index.js' },
        'p/in-place/tsconfig.json': { compilerOptions: { outDir: '.' }, include: ['src'] },
        'p/shim/package.json': { name: 'shim', types: 'dist/index.d.ts', main: 'index.js' },
        'p/shim-map/package.json': { name: 'shim-map', exports: { types: './dist/index.d.ts', default: './index.js' } },
        'p/beside/package.json': { name: 'beside', types: 'index.d.ts', main: 'index.js' },
        'p/outdir/package.json': { name: 'outdir', types: 'dist/index.d.ts' },
        'p/outdir/tsconfig.json': { compilerOptions: { outDir: 'dist' }, include: ['src'] },
      },
      ['a.ts', 'p/declared/code/index.ts', 'p/declared/src/index.ts', 'p/formats/src/index.ts', 'p/formats/src/sub.ts', 'p/formats/src/core.ts', 'p/condition/src/y.ts', 'p/in-place/index.js', 'p/in-place/src/index.ts', 'p/flat/flat.ts', 'p/src-kept/src/main.ts',
        'p/field/app/start.ts', 'p/field/src/index.ts', 'p/condition/dev/y.ts', 'p/none/src/index.tsx', 'p/own/lib/own.ts', 'p/kept/dist/index.js', 'p/kept/src/index.ts',
        'p/shim/index.js', 'p/shim/src/index.ts', 'p/shim-map/index.js', 'p/shim-map/src/index.ts', 'p/beside/index.js', 'p/beside/src/index.js',
        'p/outdir/dist/index.d.ts', 'p/outdir/src/index.ts'],
    );
    expect(look('a.ts', 'declared')).toBe('p/declared/code/index.ts');
    expect(look('a.ts', 'formats')).toBe('p/formats/src/index.ts');
    expect(look('a.ts', 'formats', 'require')).toBe('p/formats/src/index.ts');
    expect(look('a.ts', 'formats/sub')).toBe('p/formats/src/sub.ts');
    expect(look('a.ts', 'formats/kernel')).toBe('p/formats/src/core.ts');
    expect(look('a.ts', 'formats/other')).toBe('missing');
    expect(look('a.ts', 'flat')).toBe('p/flat/flat.ts');
    expect(look('a.ts', 'src-kept')).toBe('p/src-kept/src/main.ts');
    expect(look('a.ts', 'field')).toBe('p/field/app/start.ts');
    expect(look('a.ts', 'condition')).toBe('p/condition/dev/y.ts');
    expect(look('a.ts', 'none')).toBe('p/none/src/index.tsx');
    expect(look('a.ts', '@x/own')).toBe('p/own/lib/own.ts');
    // A built file that is there is what is imported, unless the configuration says what it was made from.
    expect(look('a.ts', 'kept')).toBe('p/kept/dist/index.js');
    expect(look('a.ts', 'outdir')).toBe('p/outdir/src/index.ts');
    expect(look('a.ts', 'in-place')).toBe('p/in-place/index.js');
    // The declarations that TypeScript would see decide, though another field's file is there.
    expect(look('a.ts', 'shim')).toBe('p/shim/src/index.ts');
    expect(look('a.js', 'shim')).toBe('p/shim/index.js');
    expect(look('a.ts', 'shim-map')).toBe('p/shim-map/src/index.ts');
    expect(look('a.js', 'shim-map')).toBe('p/shim-map/index.js');
    expect(look('a.ts', 'beside')).toBe('p/beside/index.js');
  });

  test('a dependency\'s protocol and version decide whether the repository\'s package is meant', () => {
    const look = looker(
      {
        'package.json': { name: 'lib', version: '5.1.0', main: 'index.js' },
        'examples/old/package.json': { dependencies: { lib: '^4.0.0' } },
        'examples/new/package.json': { dependencies: { lib: '>=5.0.0 <6 || ^7' } },
        'examples/tag/package.json': { dependencies: { lib: 'latest' } },
        'examples/linked/package.json': { dependencies: { lib: 'file:../..', other: 'link:../../vendor/other', third: 'portal:../../vendor/other' } },
        'examples/fork/package.json': { dependencies: { lib: 'github:someone/lib', alias: 'npm:lib@5' } },
        'vendor/other/package.json': { name: 'whatever' },
        'fixtures/react/package.json': { name: 'react', version: '1.0.0' },
      },
      ['index.js', 'examples/old/a.js', 'examples/new/a.js', 'examples/tag/a.js', 'examples/linked/a.js', 'examples/fork/a.js', 'examples/b.js', 'vendor/other/index.js', 'fixtures/react/index.js', 'fixtures/t.js'],
    );
    expect(look('examples/b.js', 'lib')).toBe('index.js');
    expect(look('examples/old/a.js', 'lib')).toBe('external lib lib');
    expect(look('examples/new/a.js', 'lib')).toBe('index.js');
    expect(look('examples/tag/a.js', 'lib')).toBe('index.js');
    expect(look('examples/linked/a.js', 'lib')).toBe('index.js');
    expect(look('examples/linked/a.js', 'other')).toBe('vendor/other/index.js');
    expect(look('examples/linked/a.js', 'third')).toBe('vendor/other/index.js');
    expect(look('examples/fork/a.js', 'lib')).toBe('external lib lib');
    expect(look('examples/fork/a.js', 'alias')).toBe('external alias alias');
    expect(look('index.js', 'react')).toBe('external react react');
    expect(look('fixtures/t.js', 'react')).toBe('fixtures/react/index.js');
  });

  test('workspace: dependencies, aliases too', () => {
    const look = looker(
      { 'pnpm-workspace.yaml': 'packages: [p/*]', 'p/a/package.json': { name: 'a', version: '0.0.0' }, 'p/b/package.json': { name: 'b', dependencies: { a: 'workspace:^9', c: 'workspace:a@*', d: 'workspace:../a', e: 'catalog:' } } },
      ['p/a/index.ts', 'p/b/b.ts'],
    );
    expect(look('p/b/b.ts', 'a')).toBe('p/a/index.ts');
    expect(look('p/b/b.ts', 'c')).toBe('p/a/index.ts');
    expect(look('p/b/b.ts', 'd')).toBe('p/a/index.ts');
    expect(look('p/b/b.ts', 'e')).toBe('external e e');
  });

  test('of several packages of one name the nearest in the same workspace', () => {
    const look = looker(
      {
        'one/package.json': { workspaces: ['*'] }, 'two/package.json': { workspaces: ['*'] },
        'one/util/package.json': { name: '@x/util' }, 'two/util/package.json': { name: '@x/util' }, 'two/app/package.json': { name: 'app' }, 'one/app/package.json': { name: 'app' },
      },
      ['one/util/index.ts', 'two/util/index.ts', 'two/app/a.ts', 'one/app/a.ts'],
    );
    expect(look('two/app/a.ts', '@x/util')).toBe('two/util/index.ts');
    expect(look('one/app/a.ts', '@x/util')).toBe('one/util/index.ts');
  });

  test('a member of the workspace before a nearer stray, of strays the nearest', () => {
    const look = looker(
      {
        'package.json': { workspaces: ['libs/*'] }, 'libs/m/package.json': { name: 'm' }, 'apps/a/m/package.json': { name: 'm' }, 'apps/a/package.json': { name: 'a' },
        'apps/z/n/package.json': { name: 'n' }, 'apps/a/deep/n/package.json': { name: 'n' }, 'apps/b/n/package.json': { name: 'n' },
      },
      ['libs/m/index.ts', 'apps/a/m/index.ts', 'apps/a/x.ts', 'apps/z/n/index.ts', 'apps/z/x.ts', 'apps/a/deep/n/index.ts', 'apps/b/n/index.ts'],
    );
    expect(look('apps/a/x.ts', 'm')).toBe('libs/m/index.ts');
    expect(look('apps/a/x.ts', 'n')).toBe('apps/a/deep/n/index.ts');
    expect(look('apps/z/x.ts', 'n')).toBe('apps/z/n/index.ts');
  });

  test('a vendored node_modules is used as it is, from the folders below it', () => {
    const look = looker(
      { 'app/node_modules/dep/package.json': { name: 'dep', main: 'lib/main.js', exports: { '.': './lib/main.js' } } },
      ['app/a.js', 'app/sub/b.js', 'c.js', 'app/node_modules/dep/lib/main.js', 'app/node_modules/dep/lib/secret.js', 'app/node_modules/dep/lib/sub.js', 'app/node_modules/plain/index.js', 'app/node_modules/single.js'],
    );
    expect(look('app/sub/b.js', 'dep')).toBe('app/node_modules/dep/lib/main.js');
    expect(look('app/a.js', 'dep/lib/secret')).toBe('missing');
    expect(look('app/node_modules/dep/lib/sub.js', 'plain')).toBe('app/node_modules/plain/index.js');
    expect(look('app/a.js', 'single')).toBe('app/node_modules/single.js');
    expect(look('c.js', 'dep')).toBe('external dep dep');
    const configured = looker({ 'tsconfig.json': { compilerOptions: { baseUrl: 'src' } } }, ['src/own.ts', 'src/a.ts', 'node_modules/x/index.js']);
    expect(configured('src/a.ts', 'own')).toBe('src/own.ts');
    expect(configured('node_modules/x/index.js', 'own')).toBe('external own own');
  });
});

describe('configuration files', () => {
  test.each(['package.json', 'a/package.json', 'tsconfig.json', 'a/tsconfig.build.json', 'my.tsconfig.json', 'jsconfig.json', 'jsconfig.x.json', 'packages/tsconfig/react.json', 'packages/typescript-config/nextjs.json', 'config/base.json', 'pnpm-workspace.yaml', 'lerna.json'])('%s is one', (path) => {
    expect(ecmascriptModules.isConfiguration(path)).toBe(true);
  });
  test.each(['package-lock.json', 'my-package.json', 'tsconfig.ts', 'config/users.json', 'data/base.json', 'pnpm-lock.yaml', 'a/tsconfig.json/x.ts', 'tsconfig.json.bak'])('%s is none', (path) => {
    expect(ecmascriptModules.isConfiguration(path)).toBe(false);
  });
});

describe('hostile configuration', () => {
  test('keys of Object.prototype are keys like others', () => {
    const look = looker({ 'package.json': '{"name":"x","workspaces":["p"],"dependencies":{"__proto__":"file:p"}}', 'p/package.json': '{"name":"constructor","exports":{"__proto__":"./a.js","./toString":"./b.js"}}' }, ['a.ts', 'p/a.js', 'p/b.js', 'p/index.js']);
    expect(look('a.ts', 'constructor/toString')).toBe('p/b.js');
    expect(look('a.ts', 'hasOwnProperty')).toBe('external hasOwnProperty hasOwnProperty');
    expect(look('a.ts', 'toString')).toBe('external toString toString');
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  test('deep, long and exploding texts end soon', () => {
    const deep = '['.repeat(200_000);
    const bomb = 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\npackages: *d\n';
    const started = performance.now();
    const resolver = resolverFor(
      {
        'package.json': `{"exports":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)},"name":"x","workspaces":["${'{a,b}'.repeat(200)}","${'**/*'.repeat(200)}","${'*a'.repeat(400)}b"]}`,
        'a/package.json': deep, 'tsconfig.json': deep, 'b/tsconfig.json': `{"include":["${'**/'.repeat(300)}x.ts","${'*?'.repeat(400)}"],"x":"${'y'.repeat(3_000_000)}"}`,
        'c/tsconfig.json': `{"include":["${'**/a*/'.repeat(150)}x.ts"],"compilerOptions":{"paths":{${Array.from({ length: 5000 }, (_, at) => `"k${at}*":["./a"]`).join(',')}}}}`,
        'pnpm-workspace.yaml': bomb, 'lerna.json': 'null',
        'd/package.json': { name: 'redos', exports: { './(a+)+*$': './x.js', [`./${'(a*)*'.repeat(20)}*`]: './y.js' } },
      },
      ['a/x.ts', 'b/x.ts', `c/${'a/'.repeat(200)}x.ts`, 'd/x.js'],
    );
    resolver.resolve('a/x.ts', 'y', 'import');
    resolver.resolve('b/x.ts', 'y', 'import');
    resolver.resolve(`c/${'a/'.repeat(200)}x.ts`, 'y', 'import');
    resolver.resolve('a/x.ts', `redos/${'a'.repeat(1000)}!`, 'import');
    expect(resolver.diagnostics().length).toBeGreaterThan(3);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('patterns of one list cost so much and no more', () => {
    const many = Array.from({ length: 2000 }, (_, at) => `**/${'*a'.repeat(100)}${at}`);
    const resolver = resolverFor({ 'tsconfig.json': { include: many, exclude: many }, 'package.json': { workspaces: many } }, Array.from({ length: 200 }, (_, at) => `${'a'.repeat(250)}${at}.ts`));
    const started = performance.now();
    for (let at = 0; at < 200; at++) resolver.resolve(`${'a'.repeat(250)}${at}.ts`, 'y', 'import');
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(resolver.diagnostics()).toEqual(expect.arrayContaining([
      expect.objectContaining({ path: 'tsconfig.json', code: 'configuration-limit' }), expect.objectContaining({ path: 'package.json', code: 'configuration-limit' }),
    ]));
  });

  test('a chain of extends that doubles at each step is read once each', () => {
    const files: Record<string, unknown> = { 'tsconfig.json': { extends: ['./tsconfig.0.json', './tsconfig.0.json'] } };
    for (let at = 0; at < 60; at++) files[`tsconfig.${at}.json`] = { extends: [`./tsconfig.${at + 1}.json`, `./tsconfig.${at + 1}.json`] };
    files['tsconfig.60.json'] = { compilerOptions: { baseUrl: 'src' } };
    expect(looker(files, ['a.ts', 'src/m.ts'])('a.ts', 'm')).toBe('src/m.ts');
  });

  test('no configuration whatever throws, and answers do not depend on their order', () => {
    const keys = fc.constantFrom('extends', 'compilerOptions', 'baseUrl', 'paths', 'rootDirs', 'outDir', 'rootDir', 'references', 'files', 'include', 'exclude', 'path', 'name', 'version', 'main', 'types', 'exports', 'imports',
      'workspaces', 'packages', 'dependencies', 'typesVersions', 'source', 'type', 'moduleSuffixes', 'customConditions', 'import', 'default', '.', './x', './*', '#x', '#*', '@/*', '*', '__proto__', 'constructor', 'p', 'x');
    const strings = fc.oneof(fc.constantFrom('./tsconfig.json', '../tsconfig.json', './p', '..', '.', '/', '', '*', './*', '**', 'p/*', '!p', 'file:..', 'workspace:*', './src/*.ts', '${configDir}/x', '../../..', './dist/index.js', '#x', 'p', 'x/y'), fc.string());
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 6 }, strings, fc.constant(null), fc.integer(), fc.boolean(), fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(keys, tie('value'), { maxKeys: 6 })),
    })).value;
    const text = fc.oneof(json.map((value) => JSON.stringify(value)), fc.dictionary(keys, json).map((value) => JSON.stringify(value)), fc.string(), fc.string({ unit: 'binary' }));
    const specifiers = fc.oneof(fc.constantFrom('./x', '..', '@/x', 'p', 'p/x', '#x', 'x', '../p', './src/x.js'), fc.string());
    fc.assert(fc.property(fc.record({ root: text, packageRoot: text, p: text, packageP: text, pnpm: text, lerna: text }), fc.array(specifiers, { maxLength: 6 }), (texts, asked) => {
      const files = { 'tsconfig.json': texts.root, 'package.json': texts.packageRoot, 'p/tsconfig.json': texts.p, 'p/package.json': texts.packageP, 'pnpm-workspace.yaml': texts.pnpm, 'lerna.json': texts.lerna };
      const others = ['src/x.ts', 'p/src/index.ts', 'p/x.js', 'p/src/x.ts', 'x.ts'];
      const forwards = resolverFor(files, others);
      const backwards = resolverFor(files, others);
      const questions = asked.flatMap((specifier) => (['import', 'require', 'type'] as const).flatMap((style) => ['src/x.ts', 'p/x.js'].map((from) => [from, specifier, style] as const)));
      const answers = questions.map((question) => short(forwards.resolve(...question)));
      const reversed = [...questions].reverse().map((question) => short(backwards.resolve(...question))).reverse();
      expect(reversed).toEqual(answers);
      expect(backwards.diagnostics()).toEqual(forwards.diagnostics());
    }), { numRuns: 150 });
  });
});

test('among thirty thousand files an import looks at a few paths and never at all of them', () => {
  const files: Record<string, unknown> = { 'package.json': { workspaces: ['packages/*'] }, 'tsconfig.base.json': { compilerOptions: { paths: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`@alias/${at}/*`, [`./packages/p${at}/src/*`]])) } } };
  const others: string[] = [];
  for (let at = 0; at < 300; at++) {
    files[`packages/p${at}/package.json`] = { name: `@acme/p${at}`, main: 'dist/index.js' };
    files[`packages/p${at}/tsconfig.json`] = { extends: '../../tsconfig.base.json', include: ['src'], compilerOptions: { outDir: 'dist', rootDir: 'src' } };
    for (let file = 0; file < 100; file++) others.push(`packages/p${at}/src/${file === 0 ? 'index' : `d${file % 10}/f${file}`}.ts`);
  }
  const paths = new CountedPaths([...Object.keys(files), ...others]);
  const resolver = ecmascriptModules.create({ paths, configuration: (path) => (ecmascriptModules.isConfiguration(path) ? JSON.stringify(files[path]) : undefined) });
  paths.walks = 0;
  let asked = 0;
  let found = 0;
  for (let at = 0; at < others.length; at += 7) {
    const from = others[at] ?? '';
    paths.lookups = 0;
    for (const specifier of [`@acme/p${(at * 7) % 300}`, `@alias/${(at * 7) % 300}/d1/f11`, '../d2/f12.js', 'react', '@acme/none']) {
      asked++;
      if (resolver.resolve(from, specifier, 'import').kind === 'file') found++;
    }
    expect(paths.lookups).toBeLessThan(500);
  }
  expect(found).toBeGreaterThan(asked * 0.55);
  expect(paths.walks).toBe(0);
});

/** Counts what a resolver asks of the listing. */
class CountedPaths extends Set<string> {
  lookups = 0;
  walks = 0;
  override has(path: string): boolean {
    this.lookups++;
    return super.has(path);
  }
  override [Symbol.iterator](): SetIterator<string> {
    this.walks++;
    return super[Symbol.iterator]();
  }
}

describe('pnpm-workspace.yaml', () => {
  test.each([
    ['a block list', "packages:\n  - 'p/*'\n  # none\n  - \"!p/b\"\n\ncatalog:\n  - 'x'\n", ['p/*', '!p/b']],
    ['a list at the key\'s indentation', 'onlyBuiltDependencies:\n- x\npackages:\n- p/* # all\n- apps/a\nother: 1\n- q\n', ['p/*', 'apps/a']],
    ['a flow list', "packages: [p/*, 'q/''x', \"r\\\"s\"] # end\n", ['p/*', "q/'x", 'r"s']],
    ['a flow list on several lines', 'packages:\n  [\n    p/*, # one\n    "q",\n  ]\n', ['p/*', 'q']],
    ['Windows lines', 'packages:\r\n  - p\r\n', ['p']],
    ['a quoted key', '"packages":\n  - p\n', ['p']],
    ['no list', 'packages: p/*\n', null],
    ['an alias', 'packages: *p\n', null],
    ['aliases in a list', 'packages:\n  - *p\n  - q\n', ['q']],
    ['a key elsewhere', 'x:\n  packages:\n    - p\n', undefined],
    ['an open list', 'packages: [p', null],
  ])('with %s', (_name, text, expected) => {
    expect(workspacePatterns(text)).toEqual(expected);
  });
});
