// The dependency rule of docs/architecture.md.
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-is-pure',
      comment: 'The domain imports nothing outside itself, save small pure packages that implement a public standard: jsonc-parser (tsconfig.json and package.json), smol-toml (pyproject.toml); @bufbuild/protobuf (the wire format of SCIP indexes); and fastest-levenshtein, which measures how far two names are apart.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: ['^src/domain/', '^node_modules/(jsonc-parser|smol-toml|fastest-levenshtein|@bufbuild/protobuf)/'] },
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
      to: { path: '^src/(infrastructure/|testing/|index\\.ts|testing\\.ts|neo4j\\.ts|postgres\\.ts|s3\\.ts|redis\\.ts|temporal\\.ts|github\\.ts|http\\.ts)' },
    },
    {
      name: 'container-in-infrastructure-only',
      severity: 'error',
      from: { pathNot: '^src/infrastructure/' },
      to: { path: '^node_modules/(inversify|@inversifyjs|reflect-metadata)/' },
    },
    {
      name: 'optional-stores-on-demand',
      comment: 'Stores that need packages which codeloom does not bring are entry points of their own; whoever else wants one imports it when it is wanted.',
      severity: 'error',
      from: { pathNot: '^src/(adapters/(neo4j|postgres|s3|redis)/|(neo4j|postgres|s3|redis)\\.ts$)' },
      to: { path: '^src/adapters/(neo4j|postgres|s3|redis)/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'drivers-in-their-adapter-only',
      severity: 'error',
      from: { pathNot: '^src/adapters/postgres/' },
      to: { path: '(^|/)node_modules/(pg|pg-copy-streams|@types/pg|@types/pg-copy-streams)/' },
    },
    {
      name: 'neo4j-driver-in-its-adapter-only',
      severity: 'error',
      from: { pathNot: '^src/adapters/neo4j/' },
      to: { path: '(^|/)node_modules/neo4j-driver' },
    },
    {
      name: 'temporal-on-demand',
      comment: 'Durable runs need packages which codeloom does not bring: an entry point of its own; whoever else wants them imports them when they are wanted.',
      severity: 'error',
      from: { pathNot: '^src/(adapters/temporal/|temporal\\.ts$)' },
      to: { path: '^src/adapters/temporal/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    { name: 'temporal-sdk-in-its-adapter-only', severity: 'error', from: { pathNot: '^src/adapters/temporal/' }, to: { path: '(^|/)node_modules/@temporalio/' } },
    {
      name: 'workflows-are-deterministic',
      comment: 'What runs in the sandbox of Temporal is replayed: it reaches nothing of Node, and no client, worker or activity.',
      severity: 'error',
      from: { path: '^src/adapters/temporal/workflows\\.ts$' },
      to: { reachable: true, path: '^(src/adapters/temporal/(activities|worker|runs|schedules|connection)\\.ts$|src/infrastructure/|node:|fs$|path$|crypto$)' },
    },
    { name: 's3-client-in-its-adapter-only', severity: 'error', from: { pathNot: '^src/adapters/s3/' }, to: { path: '(^|/)node_modules/@(aws-sdk|smithy)/' } },
    { name: 'redis-client-in-its-adapter-only', severity: 'error', from: { pathNot: '^src/adapters/redis/' }, to: { path: '(^|/)node_modules/@redis/' } },
    { name: 'hono-in-its-adapter-only', severity: 'error', from: { pathNot: '^src/adapters/http/' }, to: { path: '(^|/)node_modules/(hono|@hono)/' } },
    { name: 'jose-in-its-adapter-only', severity: 'error', from: { pathNot: '^src/adapters/code-hosts/' }, to: { path: '(^|/)node_modules/jose/' } },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
