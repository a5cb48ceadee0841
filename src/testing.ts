/** In-memory adapters of every port. */
export { createMemoryClock, type MemoryClock } from './adapters/memory/clock.js';
export { createMemoryFactStore } from './adapters/memory/fact-store.js';
export { createMemoryGitHost, type MemoryFile, type MemoryGitHost, type MemoryRepository, type MemoryTree } from './adapters/memory/git-host.js';
export { createMemoryGraphStore } from './adapters/memory/graph-store.js';
export { createMemoryMetadataStore } from './adapters/memory/metadata-store.js';
export { createMemoryParser } from './adapters/memory/parser.js';
