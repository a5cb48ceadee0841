import type { PortMethods } from './around-calls.js';
import type { CodeHost } from './code-host.js';
import type { CredentialProvider } from './credential-provider.js';
import type { FactStore } from './fact-store.js';
import type { GitHost } from './git-host.js';
import type { GraphStore } from './graph-store.js';
import type { MetadataStore } from './metadata-store.js';
import type { Notifier } from './notifier.js';

/** What of each port is a call of a server, a disk or another process; for whoever stands before it ({@link aroundCalls}). */
export const GIT_HOST: PortMethods<GitHost> = { calls: ['resolve', 'release'], streams: { list: true, read: true } };
export const FACT_STORE: PortMethods<FactStore> = { calls: ['has', 'put', 'prune'], streams: { get: true } };
export const GRAPH_STORE: PortMethods<GraphStore> = { calls: ['holds', 'publish', 'heads', 'snapshots', 'open', 'retire'], streams: {} };
export const METADATA_STORE: PortMethods<MetadataStore> = {
  calls: ['saveRepository', 'repositories', 'saveSnapshot', 'removeSnapshots', 'saveRun', 'runs', 'appendEvents', 'events'], streams: { files: true },
};
export const CODE_HOST: PortMethods<CodeHost & CredentialProvider> = { calls: ['repository', 'branchHead', 'credentials'], streams: {} };
export const NOTIFIER: PortMethods<Notifier> = { calls: ['send'], streams: {} };
