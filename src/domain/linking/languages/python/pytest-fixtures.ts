import type { InjectionRules } from '../../language-rules.js';

/** pytest hands fixtures to the parameters that are named like them (https://docs.pytest.org/en/stable/reference/fixtures.html). */
export const pytestFixtures: InjectionRules = {
  providers: new Set(['pytest.fixture', 'pytest.yield_fixture', 'pytest_asyncio.fixture', 'pytest_trio.trio_fixture']),
  parametrizers: new Set(['pytest.mark.parametrize']),
  consumer: /^test/,
  sharedFile: 'conftest.py',
  pluginsVariable: 'pytest_plugins',
  entryPoint: 'pytest11',
  mediators: new Set(['request', 'pytestconfig']),
  known: new Map<string, readonly [string, ...string[]]>([
    ['cache', ['pytest', 'Cache']], ['capfd', ['pytest', 'CaptureFixture']], ['capfdbinary', ['pytest', 'CaptureFixture']], ['caplog', ['pytest', 'LogCaptureFixture']],
    ['capsys', ['pytest', 'CaptureFixture']], ['capsysbinary', ['pytest', 'CaptureFixture']], ['monkeypatch', ['pytest', 'MonkeyPatch']], ['pytestconfig', ['pytest', 'Config']],
    ['pytester', ['pytest', 'Pytester']], ['recwarn', ['pytest', 'WarningsRecorder']], ['request', ['pytest', 'FixtureRequest']], ['testdir', ['pytest', 'Pytester']],
    ['tmp_path', ['pathlib', 'Path']], ['tmp_path_factory', ['pytest', 'TempPathFactory']], ['tmpdir_factory', ['pytest', 'TempdirFactory']], ['tmpdir', ['py', 'path', 'local']],
  ]),
};
