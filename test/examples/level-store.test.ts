import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { factStoreContract, graphStoreContract, metadataStoreContract } from 'codeloom/testing';
import { openLevelFactStore } from '../../examples/level-store/src/fact-store.js';
import { openLevelGraphStore } from '../../examples/level-store/src/graph-store.js';
import { openLevelMetadataStore } from '../../examples/level-store/src/metadata-store.js';
import { graphStoreLaw } from '../laws/graph-store.js';

/** A store in a folder of its own, which goes with it. */
async function inFreshFolder<Store>(open: (folder: string) => Promise<Store>): Promise<{ store: Store; folder: string; dispose: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'codeloom-level-'));
  return { store: await open(folder), folder, dispose: () => rm(folder, { recursive: true }) };
}

graphStoreContract('LevelDB', async () => {
  const { folder, ...fixture } = await inFreshFolder(openLevelGraphStore);
  return { ...fixture, size: () => keysIn(folder) };
});
graphStoreLaw('LevelDB', () => inFreshFolder(openLevelGraphStore));
metadataStoreContract('LevelDB', () => inFreshFolder(openLevelMetadataStore));
factStoreContract('LevelDB', () => inFreshFolder(openLevelFactStore));

/** Counted in a copy: LevelDB lets nobody else in while a store has it open. */
async function keysIn(folder: string): Promise<number> {
  const copy = `${folder}-copy`;
  await cp(folder, copy, { recursive: true });
  const level = new ClassicLevel(copy);
  const keys = await level.keys().all();
  await level.close();
  await rm(copy, { recursive: true });
  return keys.length;
}
