/** In-memory adapters of every port. */
export { createMemoryClock, type MemoryClock } from './adapters/memory/clock.js';
export { createMemoryFactStore } from './adapters/memory/fact-store.js';
export { createMemoryGitHost, type MemoryFile, type MemoryGitHost, type MemoryRepository, type MemoryTree } from './adapters/memory/git-host.js';
export { createMemoryGraphStore } from './adapters/memory/graph-store.js';
export { createMemoryMetadataStore } from './adapters/memory/metadata-store.js';
export { createMemoryParser } from './adapters/memory/parser.js';

/**
 * The contract suites: what every adapter of a port must do, as vitest suites that take a factory of fresh adapters. Call them from a test file of vitest, which
 * must be installed.
 */
export { factStoreContract, type FactStoreFixture } from './testing/contracts/fact-store.js';
export { gitHostContract, type DescribedFile, type DescribedRepository, type DescribedTree, type GitHostFixture } from './testing/contracts/git-host.js';
export { graphStoreContract, type GraphStoreFixture } from './testing/contracts/graph-store.js';
export { metadataStoreContract, type MetadataStoreFixture } from './testing/contracts/metadata-store.js';
export { parserContract, type ParserFixture, type ParserSample } from './testing/contracts/parser.js';
export { problemsOf as problemsOfFacts } from './testing/contracts/facts-well-formed.js';
export * as sampleGraph from './testing/contracts/sample-graph.js';
