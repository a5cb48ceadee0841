import type { PortMethods } from './around-calls.js';
import type { CodeHost } from './code-host.js';
import type { CredentialProvider } from './credential-provider.js';
import type { FactStore } from './fact-store.js';
import type { GitHost } from './git-host.js';
import type { GraphStore } from './graph-store.js';
import type { MetadataStore } from './metadata-store.js';

/** What of each port is a call of a server, a disk or another process; for whoever stands before it. */
export const PORT_METHODS: {
  readonly gitHost: PortMethods<GitHost>;
  readonly factStore: PortMethods<FactStore>;
  readonly graphStore: PortMethods<GraphStore>;
  readonly metadataStore: PortMethods<MetadataStore>;
  readonly codeHost: PortMethods<CodeHost & CredentialProvider>;
} = {
  gitHost: { calls: ['resolve', 'release'], streams: { list: true, read: true } },
  factStore: { calls: ['has', 'put', 'prune'], streams: { get: true } },
  graphStore: { calls: ['holds', 'publish', 'heads', 'snapshots', 'open', 'retire'], streams: {} },
  metadataStore: { calls: ['saveRepository', 'repositories', 'saveSnapshot', 'removeSnapshots', 'saveRun', 'runs', 'appendEvents', 'events'], streams: { files: true } },
  codeHost: { calls: ['repository', 'branchHead', 'credentials'], streams: {} },
};
