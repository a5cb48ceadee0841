import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { factStoreContract, graphStoreContract, metadataStoreContract } from 'codeloom/testing';
import { openLevelFactStore } from '../../examples/level-store/src/fact-store.js';
import { openLevelGraphStore } from '../../examples/level-store/src/graph-store.js';
import { openLevelMetadataStore } from '../../examples/level-store/src/metadata-store.js';
import { graphStoreLaw } from '../laws/graph-store.js';

/** A store in a folder of its own, which goes with it. */
async function inFreshFolder<Store>(open: (folder: string) => Promise<Store>): Promise<{ store: Store; dispose: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'codeloom-level-'));
  return { store: await open(folder), dispose: () => rm(folder, { recursive: true }) };
}

graphStoreContract('LevelDB', () => inFreshFolder(openLevelGraphStore));
graphStoreLaw('LevelDB', () => inFreshFolder(openLevelGraphStore));
metadataStoreContract('LevelDB', () => inFreshFolder(openLevelMetadataStore));
factStoreContract('LevelDB', () => inFreshFolder(openLevelFactStore));
