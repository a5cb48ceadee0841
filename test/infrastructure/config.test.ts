import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfiguration, type ConfigurationFlags } from '../../src/infrastructure/config.js';

describe('configuration', () => {
  let root: string;
  let folder: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'codeloom-config-'));
    folder = join(root, 'repository', 'packages', 'a');
    mkdirSync(folder, { recursive: true });
    mkdirSync(join(root, 'repository', '.git'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const file = (where: string, content: string): void => writeFileSync(join(root, where, 'codeloom.config.json'), content);
  const load = (request: { flags?: ConfigurationFlags; environment?: Record<string, string> } = {}) => loadConfiguration({ flags: {}, environment: {}, folder, ...request });

  it('has defaults where nobody says anything', async () => {
    const configuration = await load();
    expect(configuration.store).toMatch(/codeloom/);
    expect(configuration).toMatchObject({ workers: undefined, languages: undefined, file: undefined });
  });

  it('takes flags over the environment over the file', async () => {
    file('repository', '{ "store": "data", "workers": 1, "exclude": ["a"] } // comments are fine');
    expect(await load()).toMatchObject({ store: join(root, 'repository', 'data'), workers: 1, exclude: ['a'] });
    const environment = { CODELOOM_STORE: '/from/environment', CODELOOM_WORKERS: '2' };
    expect(await load({ environment })).toMatchObject({ store: '/from/environment', workers: 2, exclude: ['a'] });
    expect(await load({ environment, flags: { store: 'flag', workers: 3 } })).toMatchObject({ store: join(folder, 'flag'), workers: 3, exclude: ['a'] });
  });

  it('looks for its file from the current folder upwards, no further than the root of the repository', async () => {
    file('.', '{ "workers": 7 }');
    expect((await load()).file).toBeUndefined();
    file('repository', '{ "workers": 2 }');
    expect((await load()).workers).toBe(2);
    file('repository/packages/a', '{ "workers": 3 }');
    expect((await load()).workers).toBe(3);
  });

  it('reads the file that a flag names, and fails when it is not there', async () => {
    file('.', '{ "workers": 7 }');
    expect((await load({ flags: { config: '../../../codeloom.config.json' } })).workers).toBe(7);
    await expect(load({ flags: { config: 'nowhere.json' } })).rejects.toMatchObject({ code: 'invalid-configuration' });
  });

  it('splits lists in the environment at commas', async () => {
    expect(await load({ environment: { CODELOOM_LANGUAGES: 'python, typescript', CODELOOM_RETENTION_DAYS: '30' } }))
      .toMatchObject({ languages: ['python', 'typescript'], retention: { days: 30, snapshots: 1 } });
  });

  it.each([
    ['{ "exlude": [] }', /unknown key `exlude`. Did you mean `exclude`\?/],
    ['{ "retention": { "day": 3 } }', /`retention`: unknown key `day`. Did you mean `days`\?/],
    ['{ "workers": 0 }', /`workers`: /],
    ['{ "workers": "many" }', /`workers`: /],
    ['{ "include": "src" }', /`include`: /],
    ['[]', /expected object/],
    ['{\n  "workers": ,\n}', /codeloom\.config\.json:2: not valid JSON/],
  ])('refuses %s and says what is wrong', async (content, message) => {
    file('repository', content);
    await expect(load()).rejects.toMatchObject({ code: 'invalid-configuration', message: expect.stringMatching(message) });
  });

  it.each([
    ['too large', `{ "store": "${'x'.repeat(1_100_000)}" }`],
    ['too deep', '['.repeat(500_000)],
    ['too deep in objects', '{"a":'.repeat(100_000)],
    ['with a glob without end', `{ "exclude": ["${'*a'.repeat(1000)}"] }`],
    ['with globs without end', JSON.stringify({ include: Array.from({ length: 1001 }, () => 'a') })],
  ])('refuses a file that is %s', async (_name, content) => {
    file('repository', content);
    await expect(load()).rejects.toMatchObject({ code: 'invalid-configuration' });
  });

  it('names the variable that is wrong', async () => {
    await expect(load({ environment: { CODELOOM_WORKERS: 'many' } })).rejects.toMatchObject({ code: 'invalid-configuration', message: expect.stringContaining('CODELOOM_WORKERS') });
    await expect(load({ environment: { CODELOOM_WORKERS: '1000' } })).rejects.toMatchObject({ code: 'invalid-configuration', message: expect.stringContaining('CODELOOM_WORKERS') });
  });
});
