import { CodeloomError } from '../domain/errors.js';
import type { CopyPlace, CopyPorts } from '../use-cases/copying/copy-snapshots.js';
import { mayBeThere, textsOf, type StoreNames } from './open-codeloom.js';
import { sha256 } from './sha256.js';
import { chooseStores, type StoreChoices, type StoreText } from './store-choice.js';
import { createStorePool, type StorePool } from './store-set.js';

export interface OpenCopyRequest {
  /** Absolute path of the data folder. */
  readonly store: string;
  readonly stores?: StoreNames | undefined;
  /** Absent: where the configuration says. */
  readonly from?: string | undefined;
  readonly to: string;
  /** The current folder. */
  readonly folder: string;
}

/** Opens two places; what they have in common is opened once, so that it is seen to be the same. Throws `not-indexed` where there is nothing to copy from. */
export async function openCopy({ store, stores, from, to, folder }: OpenCopyRequest): Promise<{ readonly ports: CopyPorts; close(): Promise<void> }> {
  const here = from === undefined ? chooseStores(textsOf(stores), store) : placeNamed({ text: from, origin: '--from', base: folder }, store);
  const there = placeNamed({ text: to, origin: '--to', base: folder }, store);
  if (!mayBeThere(here.graph)) throw new CodeloomError('not-indexed', 'There is nothing to copy: nothing has been indexed there.', { details: { hint: 'Name another place with --from.' } });
  if (there.graph.kind === 'memory') throw new CodeloomError('invalid-argument', '--to: memory ends with this command; nothing would be kept.');
  const pool = createStorePool({ secrets: async () => (await import('./secrets.js')).usualSecrets(process.env) });
  try {
    return { ports: { from: await opened(pool, here), to: await opened(pool, there), sha256 }, close: () => pool.close() };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

async function opened(pool: StorePool, { graph, metadata, facts, cache }: StoreChoices): Promise<CopyPlace> {
  return { graphStore: await pool.graphStore(graph), metadataStore: await pool.metadataStore(metadata), factStore: await pool.factStore(facts, cache) };
}

/** `postgres`, `neo4j://host`, `sqlite:folder`; or each by itself: `graph=neo4j,metadata=postgres,facts=s3://bucket`. */
function placeNamed({ text, origin, base }: StoreText, store: string): StoreChoices {
  if (!/^(graph|metadata|facts)=/.test(text)) return chooseStores({ graph: { text, origin, base } }, store);
  const parts = new Map(text.split(/,(?=(?:graph|metadata|facts)=)/).map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]));
  const of = (role: string): StoreText | undefined => {
    const named = parts.get(role);
    return named === undefined ? undefined : { text: named, origin: `${origin} ${role}`, base };
  };
  return chooseStores({ graph: of('graph'), metadata: of('metadata'), facts: of('facts') }, store);
}
