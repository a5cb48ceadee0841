import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pythonModules } from '../../../src/domain/linking/languages/python/modules.js';
import type { ModuleResolver, ModuleTarget } from '../../../src/domain/linking/module-resolver.js';

type Files = Readonly<Record<string, string>>;

function resolverFor(files: Files, others: readonly string[] = []): ModuleResolver {
  return pythonModules.create({
    paths: new Set([...Object.keys(files), ...others].sort()),
    configuration: (path) => (pythonModules.isConfiguration(path) && Object.hasOwn(files, path) ? files[path] : undefined),
  });
}

function short(target: ModuleTarget | undefined): string {
  switch (target?.kind) {
    case undefined: return 'nothing';
    case 'file': return target.path;
    case 'asset': return `asset ${target.path}`;
    case 'external': return `external ${target.package} ${target.module}`;
    case 'namespace': return `namespace ${target.folders.join(' ')}`;
    case 'missing': return 'missing';
  }
}

function looker(files: Files, others: readonly string[] = []): (from: string, specifier: string) => string {
  const resolver = resolverFor(files, others);
  return (from, specifier) => short(resolver.resolve(from, specifier, 'import'));
}

/** The same for an import of a package and a name in it. */
function sublooker(files: Files, others: readonly string[] = []): (from: string, specifier: string, name: string) => string {
  const resolver = resolverFor(files, others);
  return (from, specifier, name) => short(resolver.submodule(resolver.resolve(from, specifier, 'import'), name));
}

describe('absolute imports', () => {
  test('find packages and modules from the root of the repository', () => {
    const look = looker({}, ['pkg/__init__.py', 'pkg/a.py', 'pkg/sub/__init__.py', 'pkg/sub/b.py', 'top.py']);
    expect(look('pkg/a.py', 'pkg')).toBe('pkg/__init__.py');
    expect(look('pkg/a.py', 'pkg.sub')).toBe('pkg/sub/__init__.py');
    expect(look('top.py', 'pkg.sub.b')).toBe('pkg/sub/b.py');
    expect(look('pkg/sub/b.py', 'top')).toBe('top.py');
  });

  test('of a package of the repository that lacks the rest are missing, all others external', () => {
    const look = looker({}, ['pkg/__init__.py', 'pkg/a.py', 'ns/x.py']);
    expect(look('pkg/a.py', 'pkg.gone')).toBe('missing');
    expect(look('pkg/a.py', 'pkg.a.deeper')).toBe('missing');
    expect(look('pkg/a.py', 'numpy')).toBe('external numpy numpy');
    expect(look('pkg/a.py', 'numpy.linalg')).toBe('external numpy numpy.linalg');
    // Other portions of a namespace may be installed.
    expect(look('pkg/a.py', 'ns.other')).toBe('external ns ns.other');
  });

  test('in a package do not find the neighbours', () => {
    const look = looker({}, ['pkg/__init__.py', 'pkg/a.py', 'pkg/redis.py']);
    expect(look('pkg/a.py', 'redis')).toBe('external redis redis');
  });

  test('a package wins over a module, a module over a namespace', () => {
    const look = looker({}, ['a/__init__.py', 'a.py', 'b.py', 'b/x.py', 'm.py']);
    expect(look('m.py', 'a')).toBe('a/__init__.py');
    expect(look('m.py', 'b')).toBe('b.py');
    expect(look('m.py', 'b.x')).toBe('missing');
  });

  test('stubs count where there is no source', () => {
    const look = looker({}, ['a.py', 'a.pyi', 'b.pyi', 'c/__init__.pyi', 'c/x.py', 'c/x.pyi', 'src/b.py', 'fast.pyx', 'fast2.pyx', 'fast2.pyi', 'm.py']);
    expect(look('m.py', 'a')).toBe('a.py');
    expect(look('m.py', 'b')).toBe('src/b.py');
    expect(look('m.py', 'c')).toBe('c/__init__.pyi');
    expect(look('m.py', 'c.x')).toBe('c/x.py');
    expect(look('m.py', 'fast')).toBe('asset fast.pyx');
    expect(look('m.py', 'fast2')).toBe('fast2.pyi');
  });

  test('namespace packages have all their portions', () => {
    const files = ['src/ns/a.py', 'ns/b.py', 'ns/sub/c.py', 'm.py', 'docs/readme.md'];
    const look = looker({}, files);
    const sub = sublooker({}, files);
    expect(look('m.py', 'ns')).toBe('namespace ns src/ns');
    expect(look('m.py', 'ns.a')).toBe('src/ns/a.py');
    expect(look('m.py', 'ns.b')).toBe('ns/b.py');
    expect(look('m.py', 'ns.sub')).toBe('namespace ns/sub');
    expect(sub('m.py', 'ns', 'a')).toBe('src/ns/a.py');
    expect(sub('m.py', 'ns', 'b')).toBe('ns/b.py');
    expect(sub('m.py', 'ns', 'sub')).toBe('namespace ns/sub');
    expect(sub('m.py', 'ns', 'none')).toBe('nothing');
    expect(look('m.py', 'docs')).toBe('external docs docs');
  });
});

describe('relative imports', () => {
  const files = ['pkg/__init__.py', 'pkg/a.py', 'pkg/sub/__init__.py', 'pkg/sub/b.py', 'loose/x.py', 'loose/y.py'];
  const look = looker({}, files);
  test.each([
    ['pkg/a.py', '.', 'pkg/__init__.py'],
    ['pkg/__init__.py', '.', 'pkg/__init__.py'],
    ['pkg/__init__.py', '.a', 'pkg/a.py'],
    ['pkg/a.py', '.sub.b', 'pkg/sub/b.py'],
    ['pkg/sub/b.py', '..a', 'pkg/a.py'],
    ['pkg/sub/__init__.py', '..', 'pkg/__init__.py'],
    ['pkg/a.py', '.gone', 'missing'],
    ['pkg/sub/b.py', '....x', 'missing'],
    ['pkg/a.py', '..loose', 'namespace loose'],
    ['loose/x.py', '.y', 'loose/y.py'],
    ['loose/x.py', '.', 'namespace loose'],
    ['pkg/a.py', '.os', 'missing'],
  ])('%s: %s', (from, specifier, expected) => {
    expect(look(from, specifier)).toBe(expected);
  });
});

describe('submodules', () => {
  const sub = sublooker({}, ['pkg/__init__.py', 'pkg/a.py', 'pkg/a.pyi', 'pkg/sub/__init__.py', 'pkg/ns/x.py', 'pkg/data/x.txt', 'm.py']);
  test.each([
    ['pkg', 'a', 'pkg/a.py'],
    ['pkg', 'sub', 'pkg/sub/__init__.py'],
    ['pkg', 'ns', 'namespace pkg/ns'],
    ['pkg', 'data', 'nothing'],
    ['pkg', 'name', 'nothing'],
    ['pkg', '../m', 'nothing'],
    ['pkg.a', 'b', 'nothing'],
    ['numpy', 'linalg', 'nothing'],
  ])('%s has %s', (specifier, name, expected) => {
    expect(sub('m.py', specifier, name)).toBe(expected);
  });
});

describe('the standard library', () => {
  test('is external, of all versions from 3.8 on', () => {
    const look = looker({}, ['pkg/__init__.py', 'pkg/a.py']);
    for (const name of ['os', 'typing', 'tomllib', 'distutils', 'asyncore', 'zoneinfo', 'annotationlib', 'compression', 'dummy_threading', '__future__']) expect(look('pkg/a.py', name)).toBe(`external ${name} ${name}`);
    expect(look('pkg/a.py', 'os.path')).toBe('external os os.path');
  });

  test('is shadowed from the script\'s own folder only, and never where Python has loaded it already', () => {
    const look = looker({}, ['tools/run.py', 'tools/queue.py', 'tools/sys.py', 'other/run.py', 'pkg/__init__.py', 'pkg/types.py', 'pkg/a.py', 'src/logging.py', 'src/email/x.py', 'src/main.py', 'lonely/json.py']);
    expect(look('tools/run.py', 'queue')).toBe('tools/queue.py');
    expect(look('tools/run.py', 'sys')).toBe('external sys sys');
    expect(look('other/run.py', 'queue')).toBe('external queue queue');
    expect(look('pkg/a.py', 'types')).toBe('external types types');
    expect(look('pkg/a.py', 'logging')).toBe('external logging logging');
    expect(look('src/main.py', 'logging')).toBe('src/logging.py');
    expect(look('src/main.py', 'email')).toBe('external email email');
    expect(look('lonely/json.py', 'json')).toBe('external json json');
  });
});

describe('roots', () => {
  test('src, also of a project in a folder', () => {
    const look = looker({ 'libs/x/pyproject.toml': '[project]\nname = "x"\n' }, ['src/app/__init__.py', 'tests/test_app.py', 'libs/x/src/x/__init__.py', 'libs/x/src/x/y.py', 'libs/x/tests/test_x.py']);
    expect(look('tests/test_app.py', 'app')).toBe('src/app/__init__.py');
    expect(look('libs/x/tests/test_x.py', 'x.y')).toBe('libs/x/src/x/y.py');
  });

  test('the nearest project comes first, then the others', () => {
    const look = looker(
      { 'a/pyproject.toml': '', 'b/setup.py': 'setup()', 'c/setup.cfg': '' },
      ['a/common/__init__.py', 'a/common/one.py', 'a/tests/t.py', 'b/common/__init__.py', 'b/common/two.py', 'b/tests/__init__.py', 'b/tests/t.py', 'b/only/__init__.py', 'c/t.py', 'b/tests/util.py'],
    );
    expect(look('a/tests/t.py', 'common')).toBe('a/common/__init__.py');
    expect(look('b/tests/t.py', 'common')).toBe('b/common/__init__.py');
    expect(look('a/tests/t.py', 'only')).toBe('b/only/__init__.py');
    expect(look('b/tests/t.py', 'tests.util')).toBe('b/tests/util.py');
    expect(look('a/tests/t.py', 'tests.util')).toBe('external tests tests.util');
    // The longest match: the nearest `common` lacks it.
    expect(look('a/tests/t.py', 'common.two')).toBe('b/common/two.py');
  });

  test('the parent of the topmost package, and folders around a script', () => {
    const look = looker({}, ['services/api/app/__init__.py', 'services/api/app/models.py', 'services/api/app/routers/__init__.py', 'services/api/app/routers/r.py', 'svc/app/config.py', 'svc/app/routers/r.py', 'svc/app/main.py', 'scripts/run.py', 'scripts/helper.py']);
    expect(look('services/api/app/routers/r.py', 'app.models')).toBe('services/api/app/models.py');
    expect(look('svc/app/routers/r.py', 'app.config')).toBe('svc/app/config.py');
    expect(look('svc/app/routers/r.py', 'config')).toBe('svc/app/config.py');
    expect(look('scripts/run.py', 'helper')).toBe('scripts/helper.py');
    expect(look('svc/app/main.py', 'helper')).toBe('external helper helper');
    expect(look('services/api/app/routers/r.py', 'r')).toBe('external r r');
  });

  test('a declared dependency is not a stray folder of its name', () => {
    const files = ['adapters/redis.py', 'adapters/cache.py', 'redis/notes.py', 'own/__init__.py', 'deep/click.py', 'deep/er/x.py'];
    expect(looker({}, files)('adapters/cache.py', 'redis')).toBe('adapters/redis.py');
    expect(looker({}, files)('adapters/redis.py', 'redis')).toBe('namespace redis');
    const look = looker({ 'pyproject.toml': '[project]\ndependencies = ["Redis>=4", "own"]\n', 'requirements/dev.txt': 'click==8 # x\n-r base.txt\n' }, files);
    expect(look('adapters/redis.py', 'redis')).toBe('external redis redis');
    expect(look('adapters/cache.py', 'own')).toBe('own/__init__.py');
    expect(look('deep/er/x.py', 'click')).toBe('external click click');
  });

  test('a dependency that is a project of the repository is that one', () => {
    const look = looker({ 'a/pyproject.toml': '[project]\nname = "a"\ndependencies = ["b-lib", "c"]\n', 'b/pyproject.toml': '[project]\nname = "B.Lib"\n', 'x/pyproject.toml': '' }, ['a/m.py', 'b/src/b_lib/__init__.py', 'x/c/__init__.py']);
    expect(look('a/m.py', 'b_lib')).toBe('b/src/b_lib/__init__.py');
    expect(look('a/m.py', 'c')).toBe('external c c');
  });

  test('of other projects the nearest', () => {
    const look = looker({ 'a/lib/pyproject.toml': '', 'x/lib/pyproject.toml': '', 'x/app/pyproject.toml': '', 'a/app/pyproject.toml': '' }, ['a/lib/common.py', 'x/lib/common.py', 'x/app/m.py', 'a/app/m.py']);
    expect(look('x/app/m.py', 'common')).toBe('x/lib/common.py');
    expect(look('a/app/m.py', 'common')).toBe('a/lib/common.py');
  });

  const layouts: readonly (readonly [string, Files])[] = [
    ['setuptools where', { 'pyproject.toml': '[tool.setuptools.packages.find]\nwhere = ["lib"]\n' }],
    ['setuptools package-dir', { 'pyproject.toml': '[tool.setuptools]\npackage-dir = {"" = "lib"}\n' }],
    ['setup.cfg package_dir', { 'setup.cfg': '[options]\npackage_dir =\n    = lib\n' }],
    ['setup.cfg where', { 'setup.cfg': '[options.packages.find]\nwhere = lib\n' }],
    ['setup.py package_dir', { 'setup.py': "setup(package_dir={'': 'lib'}, packages=find_packages())" }],
    ['setup.py where', { 'setup.py': 'setup(packages=find_packages(where="lib"))' }],
    ['setup.py first argument', { 'setup.py': "setup(packages=find_packages('lib', exclude=['x']))" }],
    ['poetry', { 'pyproject.toml': '[tool.poetry]\npackages = [{ include = "pkg", from = "lib" }]\n' }],
    ['hatch packages', { 'pyproject.toml': '[tool.hatch.build.targets.wheel]\npackages = ["lib/pkg"]\n' }],
    ['hatch sources', { 'pyproject.toml': '[tool.hatch.build]\nsources = ["lib"]\n' }],
    ['pdm', { 'pyproject.toml': '[tool.pdm.build]\npackage-dir = "lib"\n' }],
    ['uv', { 'pyproject.toml': '[tool.uv.build-backend]\nmodule-root = "lib"\n' }],
    ['maturin', { 'pyproject.toml': '[tool.maturin]\npython-source = "lib"\n' }],
    ['pytest in pyproject', { 'pyproject.toml': '[tool.pytest.ini_options]\npythonpath = ["lib"]\n' }],
    ['pytest.ini', { 'pytest.ini': '[pytest]\npythonpath = . lib\n' }],
    ['tox.ini', { 'tox.ini': '[pytest]\npythonpath = lib\n' }],
    ['setup.cfg of pytest', { 'setup.cfg': '[tool:pytest]\npythonpath = lib\n' }],
    ['mypy in pyproject', { 'pyproject.toml': '[tool.mypy]\nmypy_path = "stubs:$MYPY_CONFIG_FILE_DIR/lib"\n' }],
    ['mypy.ini', { 'mypy.ini': '[mypy]\nmypy_path = stubs, lib\n' }],
    ['pyright', { 'pyrightconfig.json': '{ "extraPaths": ["./lib"], /* and */ }' }],
    ['pyright in pyproject', { 'pyproject.toml': '[tool.pyright]\nexecutionEnvironments = [{ root = "lib" }]\n' }],
  ];
  test.each(layouts)('declared by %s', (_name, files) => {
    const others = ['lib/pkg/__init__.py', 'lib/pkg/x.py', 'elsewhere/t.py'];
    expect(looker(files, others)('elsewhere/t.py', 'pkg.x')).toBe('lib/pkg/x.py');
    expect(looker({}, others)('elsewhere/t.py', 'pkg.x')).toBe('external pkg pkg.x');
    const inFolder = Object.fromEntries(Object.entries(files).map(([path, text]) => [`sub/${path}`, text]));
    expect(looker(inFolder, others.map((path) => `sub/${path}`))('sub/elsewhere/t.py', 'pkg.x')).toBe('sub/lib/pkg/x.py');
  });

  test('packages may lie in folders of other names', () => {
    const others = ['code/__init__.py', 'code/x.py', 'code/sub/__init__.py', 't.py'];
    for (const files of [
      { 'setup.py': "setup(package_dir={'mypkg': 'code'})" },
      { 'pyproject.toml': '[tool.setuptools.package-dir]\nmypkg = "code"\n' },
      { 'pyproject.toml': '[tool.hatch.build.targets.wheel.sources]\ncode = "mypkg"\n' },
    ] as readonly Files[]) {
      const look = looker(files, others);
      expect(look('t.py', 'mypkg')).toBe('code/__init__.py');
      expect(look('t.py', 'mypkg.x')).toBe('code/x.py');
      expect(look('t.py', 'mypkg.gone')).toBe('missing');
    }
  });

  test('stub folders come last', () => {
    const look = looker({ 'pyrightconfig.json': '{}' }, ['typings/lib.pyi', 'typings/own.pyi', 'own.py', 'm.py']);
    expect(look('m.py', 'lib')).toBe('typings/lib.pyi');
    expect(look('m.py', 'own')).toBe('own.py');
  });

  test('a src that is itself a package is none', () => {
    const look = looker({}, ['src/__init__.py', 'src/a.py', 'src/b.py', 'main.py']);
    expect(look('main.py', 'src.a')).toBe('src/a.py');
    expect(look('main.py', 'a')).toBe('external a a');
  });
});

describe('configuration files', () => {
  test.each(['pyproject.toml', 'a/setup.cfg', 'setup.py', 'pyrightconfig.json', 'mypy.ini', 'tox.ini', 'pytest.ini', 'requirements.txt', 'requirements-dev.txt', 'requirements/base.txt'])('%s is one', (path) => {
    expect(pythonModules.isConfiguration(path)).toBe(true);
  });
  test.each(['pyproject.toml.bak', 'my_setup.py', 'notes.txt', 'requirements.md', 'setup.py/x.py', 'package.json'])('%s is none', (path) => {
    expect(pythonModules.isConfiguration(path)).toBe(false);
  });

  test('what is wrong with them is said', () => {
    const resolver = resolverFor({ 'pyproject.toml': '[tool.setuptools\n', 'a/pyproject.toml': '[tool.setuptools.packages.find]\nwhere = ["../../..", "/abs", "lib"]\n', 'pyrightconfig.json': '[]' }, ['a/lib/m.py', 'a/t.py']);
    expect(short(resolver.resolve('a/t.py', 'm', 'import'))).toBe('a/lib/m.py');
    expect(resolver.diagnostics().map(({ path, code }) => `${path} ${code}`)).toEqual([
      'a/pyproject.toml configuration-outside', 'a/pyproject.toml configuration-outside', 'pyproject.toml configuration-syntax', 'pyrightconfig.json configuration-type',
    ]);
  });
});

describe('hostile input', () => {
  test('large and deep texts end soon', () => {
    const started = performance.now();
    const resolver = resolverFor({
      'pyproject.toml': `a = ${'['.repeat(100_000)}`, 'a/pyproject.toml': 'x = 1\n'.repeat(400_000), 'b/pyproject.toml': `a${'.a'.repeat(100_000)} = 1`,
      'setup.py': `package_dir = {${'"a": "b", '.repeat(200_000)}`, 'b/setup.py': `find_packages(${' '.repeat(500_000)}`, 'c/setup.py': 'install_requires=['.repeat(50_000),
      'setup.cfg': `[options]\n${' x\n'.repeat(200_000)}`, 'tox.ini': '['.repeat(1_000_000), 'pyrightconfig.json': '{"a":'.repeat(100_000), 'requirements.txt': 'a'.repeat(1_500_000),
    }, ['m.py']);
    expect(short(resolver.resolve('m.py', 'x'.repeat(100_000), 'import'))).toMatch(/^external/);
    expect(short(resolver.resolve('m.py', 'x.'.repeat(100_000), 'import'))).toBe('missing');
    expect(short(resolver.resolve('m.py', '.'.repeat(100_000), 'import'))).toBe('missing');
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('no configuration whatever throws, and answers do not depend on their order', () => {
    const piece = fc.constantFrom('[tool.setuptools.packages.find]', '[tool.poetry]', '[options]', '[mypy]', '[pytest]', '[tool.hatch.build]', 'where = ["."]', 'package_dir =', '  = src', 'packages = [{include="pkg", from=".."}]', 'sources = {"a" = "b"}',
      'mypy_path = ../x', 'pythonpath = src', 'package_dir={"": "src", "__proto__": "x"}', 'find_packages("..")', '{"extraPaths": [1, "src"]}', '__proto__ = 1', '[__proto__]', 'name = "pkg"', '"', '\\', '=', '\t');
    const text = fc.oneof(fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }).map((lines) => lines.join('\n')), fc.string({ unit: 'binary' }), fc.json());
    const specifiers = fc.oneof(fc.constantFrom('pkg', 'pkg.x', '.', '..x', '...', 'src.pkg', 'os', 'x', 'ns', 'ns.a', '__proto__', 'constructor'), fc.string());
    fc.assert(fc.property(fc.array(text, { minLength: 5, maxLength: 5 }), fc.array(specifiers, { maxLength: 8 }), (texts, asked) => {
      const [pyproject = '', cfg = '', setup = '', ini = '', pyright = ''] = texts;
      const files = { 'pyproject.toml': pyproject, 'setup.cfg': cfg, 'a/setup.py': setup, 'a/tox.ini': ini, 'pyrightconfig.json': pyright };
      const others = ['src/pkg/__init__.py', 'src/pkg/x.py', 'a/pkg/x.py', 'ns/a.py', 'x.pyi'];
      const forwards = resolverFor(files, others);
      const backwards = resolverFor(files, others);
      const questions = asked.flatMap((specifier) => ['src/pkg/x.py', 'a/pkg/x.py', 'ns/a.py'].map((from) => [from, specifier, 'import'] as const));
      const answers = questions.map((question) => short(forwards.resolve(...question)));
      expect([...questions].reverse().map((question) => short(backwards.resolve(...question))).reverse()).toEqual(answers);
      for (const question of questions) forwards.submodule(forwards.resolve(...question), 'x');
      expect(backwards.diagnostics()).toEqual(forwards.diagnostics());
    }), { numRuns: 150 });
  });
});

test('among thirty thousand files an import looks at a few paths and never at all of them', () => {
  const others: string[] = [];
  const files: Record<string, string> = {};
  for (let at = 0; at < 300; at++) {
    files[`libs/p${at}/pyproject.toml`] = `[project]\nname = "p${at}"\n`;
    for (let file = 0; file < 100; file++) others.push(`libs/p${at}/src/p${at}/${file === 0 ? '__init__' : `f${file}`}.py`);
  }
  const paths = new CountedPaths([...Object.keys(files), ...others]);
  const resolver = pythonModules.create({ paths, configuration: (path) => files[path] });
  paths.walks = 0;
  for (let at = 0; at < others.length; at += 7) {
    const from = others[at] ?? '';
    paths.lookups = 0;
    const kinds = [`p${(at * 7) % 300}.f7`, '.f3', `p${(at * 7) % 300}`, 'numpy'].map((specifier) => resolver.resolve(from, specifier, 'import').kind);
    expect(kinds).toEqual(['file', 'file', 'file', 'external']);
    expect(paths.lookups).toBeLessThan(200);
  }
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
