// The dependency rule of docs/architecture.md.
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-is-pure',
      comment: 'The domain imports nothing outside itself, save small pure packages that implement a public standard: resolve.exports (package.json exports maps), jsonc-parser, yaml and smol-toml (configuration formats), picomatch (globs of workspaces).',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: ['^src/domain/', '^node_modules/(resolve\\.exports|jsonc-parser|yaml|smol-toml|picomatch)/'] },
    },
    {
      name: 'use-cases-know-the-domain-only',
      severity: 'error',
      from: { path: '^src/use-cases/' },
      to: { pathNot: ['^src/use-cases/', '^src/domain/'] },
    },
    {
      name: 'adapters-are-islands',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/([^/]+)/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'adapters-never-compose',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^src/(infrastructure/|testing/|index\\.ts|testing\\.ts)' },
    },
    {
      name: 'container-in-infrastructure-only',
      severity: 'error',
      from: { pathNot: '^src/infrastructure/' },
      to: { path: '^node_modules/(inversify|@inversifyjs|reflect-metadata)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
