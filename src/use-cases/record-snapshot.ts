import type { IndexedFile } from '../domain/ports/metadata-store.js';
import type { IndexingPorts } from './indexing-ports.js';
import { readIndexedFiles } from './source-listing.js';
import { stageProgress } from './stage-progress.js';
import type { Recorded, RecordInput, StepContext } from './steps.js';

/** Records the repository and the published snapshot with the files it was made from. Errors: `facts-missing`, `unknown-snapshot`, and those of the stores. */
export async function recordSnapshot(
  { factStore, graphStore, metadataStore, clock }: Pick<IndexingPorts, 'factStore' | 'graphStore' | 'metadataStore' | 'clock'>, { acquired, linked, snapshot: id }: RecordInput, context: StepContext,
): Promise<Recorded> {
  const options = { signal: context.signal };
  const reader = await graphStore.open(id, options);
  const { snapshot } = reader;
  await reader.close();
  const progress = stageProgress('record', context, clock);
  let files = 0;
  async function* counted(): AsyncIterable<readonly IndexedFile[]> {
    for await (const batch of readIndexedFiles(factStore, linked.files, options)) {
      yield batch;
      files += batch.length;
      progress.report(files, { total: acquired.counts.listed });
    }
  }
  await metadataStore.saveRepository(acquired.revision.repository, options);
  await metadataStore.saveSnapshot({ snapshot, files: counted() }, options);
  progress.finish();
  return { files };
}
