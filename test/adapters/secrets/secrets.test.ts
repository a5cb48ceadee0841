import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createEnvironmentSecrets } from '../../../src/adapters/secrets/environment.js';
import { createFileSecrets } from '../../../src/adapters/secrets/files.js';
import { usualSecrets } from '../../../src/infrastructure/secrets.js';

describe('secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codeloom-secrets-'));
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are variables; an empty one is none', async () => {
    const secrets = createEnvironmentSecrets({ CODELOOM_POSTGRES_PASSWORD: 'x y', CODELOOM_NEO4J_PASSWORD: '' });
    expect(await secrets.secret('POSTGRES_PASSWORD')).toBe('x y');
    expect(await secrets.secret('NEO4J_PASSWORD')).toBeUndefined();
    expect(await secrets.secret('REDIS_URL')).toBeUndefined();
  });

  it('are files that variables name, without the line break at the end', async () => {
    symlinkSync(file('..data', 'from a link\n'), join(folder, 'mounted'));
    const secrets = createFileSecrets({ CODELOOM_POSTGRES_PASSWORD_FILE: file('password', ' two\nlines \r\n'), CODELOOM_NEO4J_PASSWORD_FILE: join(folder, 'mounted'), CODELOOM_REDIS_URL_FILE: file('empty', '\n') });
    expect(await secrets.secret('POSTGRES_PASSWORD')).toBe(' two\nlines ');
    expect(await secrets.secret('NEO4J_PASSWORD')).toBe('from a link');
    expect(await secrets.secret('REDIS_URL')).toBeUndefined();
    expect(await secrets.secret('NEO4J_URL')).toBeUndefined();
  });

  it('are read again when they have changed', async () => {
    const secrets = createFileSecrets({ CODELOOM_POSTGRES_PASSWORD_FILE: file('rotated', 'old') });
    expect(await secrets.secret('POSTGRES_PASSWORD')).toBe('old');
    file('rotated', 'new');
    expect(await secrets.secret('POSTGRES_PASSWORD')).toBe('new');
  });

  it.each([['that is not there', () => join(folder, 'nowhere')], ['that is a folder', () => folder], ['that is no secret', () => file('large', 'x'.repeat(70_000))]])('a file %s is a wrong configuration', async (_name, path) => {
    await expect(createFileSecrets({ CODELOOM_NEO4J_PASSWORD_FILE: path() }).secret('NEO4J_PASSWORD')).rejects.toMatchObject({ code: 'invalid-configuration', message: expect.stringContaining('CODELOOM_NEO4J_PASSWORD_FILE') });
  });

  it('a variable goes before a file', async () => {
    const secrets = usualSecrets({ CODELOOM_NEO4J_PASSWORD: 'variable', CODELOOM_NEO4J_PASSWORD_FILE: file('other', 'file'), CODELOOM_NEO4J_USER_FILE: file('user', 'ann\n') });
    expect([await secrets.secret('NEO4J_PASSWORD'), await secrets.secret('NEO4J_USER')]).toEqual(['variable', 'ann']);
  });
});
