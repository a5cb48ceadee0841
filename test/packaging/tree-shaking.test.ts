import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';
import { ROOT } from './installation.js';

/** What a bundler makes of a program that imports something of the built package: the program's code, and every module and package that is left in it. */
async function bundled(program: string): Promise<{ readonly bytes: number; readonly modules: readonly string[]; readonly packages: readonly string[] }> {
  const bundle = await rolldown({
    input: 'program', platform: 'node', cwd: ROOT, external: (id) => !/^[./\0]/.test(id) && id !== 'program', logLevel: 'silent',
    plugins: [{
      name: 'program',
      resolveId: (id) => (id === 'program' ? '\0program' : id === 'codeloom' ? join(ROOT, 'dist/index.js') : undefined),
      load: (id) => (id === '\0program' ? program.replace("'codeloom'", JSON.stringify(join(ROOT, 'dist/index.js'))) : undefined),
    }],
  });
  const { output } = await bundle.generate({ format: 'esm' });
  const chunks = output.filter((each) => each.type === 'chunk');
  return {
    bytes: chunks.reduce((sum, chunk) => sum + chunk.code.length, 0),
    modules: chunks.flatMap((chunk) => Object.keys(chunk.modules)).filter((id) => id.startsWith(ROOT)).map((id) => id.slice(ROOT.length)),
    packages: [...new Set(chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]))].filter((id) => !id.startsWith('node:') && !id.endsWith('.js')),
  };
}

describe('a program that imports a part of the library', () => {
  it('carries one file for the error class', async () => {
    const { modules, packages, bytes } = await bundled("import { CodeloomError } from 'codeloom'; console.log(new CodeloomError('aborted', 'x').code);");
    expect({ modules, packages }).toEqual({ modules: ['dist/domain/errors.js'], packages: [] });
    expect(bytes).toBeLessThan(4000);
  });

  it('carries no parser, no store, no container for reading partitions', async () => {
    const { modules, packages } = await bundled("import { decodePartition, symbolId } from 'codeloom'; console.log(decodePartition, symbolId);");
    expect(packages).toEqual([]);
    expect(modules.filter((path) => !path.startsWith('dist/domain/'))).toEqual([]);
  });

  it('carries no parser and no container for asking a store', async () => {
    const { modules, packages } = await bundled("import { callers, createSqliteStores } from 'codeloom'; console.log(await callers(await createSqliteStores({ folder: '.' }), { symbol: 'main' }));");
    expect(packages.filter((name) => /inversify|tree-sitter|commander|zod|simple-git/.test(name))).toEqual([]);
    expect(modules.filter((path) => /adapters\/(?!sqlite\/)|linking|infrastructure/.test(path))).toEqual([]);
  });

  it.each([['github', ['jose', 'zod']], ['http', ['@hono/node-server', 'hono', 'hono/body-limit', 'zod']]])('carries no store, parser or container for codeloom/%s', async (entry, expected) => {
    const { modules, packages } = await bundled(`export * from '${join(ROOT, `dist/${entry}.js`)}';`);
    expect([...packages].sort()).toEqual(expected);
    expect(modules.filter((path) => /adapters\/(?!code-hosts\/|http\/)|linking|container/.test(path))).toEqual([]);
  });

  it.each([['s3', '@aws-sdk/client-s3'], ['redis', '@redis/client']])('carries one driver and nothing else of note for codeloom/%s', async (entry, driver) => {
    const { modules, packages } = await bundled(`export * from '${join(ROOT, `dist/${entry}.js`)}';`);
    expect(packages).toEqual([driver]);
    expect(modules.filter((path) => !new RegExp(`^dist/(${entry}\\.js|adapters/${entry}/.*|domain/errors\\.js)$`).test(path))).toEqual([]);
  });

  it('carries the rest when it asks for all of it', async () => {
    const { packages } = await bundled("import { createCodeloom } from 'codeloom'; console.log(await createCodeloom());");
    expect(packages).toEqual(expect.arrayContaining(['inversify', 'web-tree-sitter']));
  });

  it('loads no server\'s driver, nor what is around it, before it is asked for', async () => {
    const bundle = await rolldown({ input: join(ROOT, 'dist/index.js'), platform: 'node', cwd: ROOT, external: (id) => !/^[./\0]/.test(id), logLevel: 'silent' });
    const chunks = (await bundle.generate({ format: 'esm' })).output.filter((each) => each.type === 'chunk');
    const loaded = new Set(chunks.filter(({ isEntry }) => isEntry));
    for (const chunk of loaded) for (const other of chunks) if (chunk.imports.includes(other.fileName)) loaded.add(other);
    expect([...loaded].flatMap(({ modules }) => Object.keys(modules)).filter((id) => /adapters\/postgres/.test(id))).toEqual([]);
    expect([...loaded].flatMap(({ imports }) => imports).filter((id) => /^pg/.test(id))).toEqual([]);
  });
});
