import { join } from 'node:path';
import type { CredentialProvider } from '../domain/ports/credential-provider.js';
import type { GitHost } from '../domain/ports/git-host.js';
import type { Parser } from '../domain/ports/parser.js';

interface Place {
  /** Absolute path of the data folder, or `memory`. */
  readonly store: string;
}

// Each adapter is imported when it is first wanted: a query must not wait for Git or a parser that it does not use. Stores: see store-set.ts.

/** Git on this machine, with mirrors of remote repositories below the data folder. */
export async function createGitHost({ store, credentials }: Place & { readonly credentials: CredentialProvider }): Promise<GitHost> {
  const git = await import('../adapters/git/git-host.js');
  return git.createGitHost({ cacheFolder: await mirrorFolder(store), credentials });
}

/** web-tree-sitter in worker threads. */
export async function createParser({ workers }: { readonly workers?: number | undefined }): Promise<Parser> {
  const { createTreeSitterParser } = await import('../adapters/tree-sitter/parser.js');
  return createTreeSitterParser(workers === undefined ? {} : { workers });
}

async function mirrorFolder(store: string): Promise<string> {
  if (store !== 'memory') return join(store, 'mirrors');
  const { defaultStoreFolder } = await import('./store-folder.js');
  return join(defaultStoreFolder(), 'mirrors');
}
