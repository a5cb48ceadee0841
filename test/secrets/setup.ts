import { afterAll, expect } from 'vitest';
import { learnFromUrl, listenTo } from './listening.js';
import { suiteSecrets } from './watch.js';

/**
 * Of every test file: at its end, all that its tests printed, threw and left, and what the commands that they started printed, is searched for every secret that they used. With a Temporal server, the histories of their runs too.
 */
const { remaining } = listenTo(suiteSecrets);
const temporal = process.env['CODELOOM_TEST_TEMPORAL_URL'];
for (const name of ['NEO4J', 'POSTGRES', 'S3', 'REDIS']) learnFromUrl(suiteSecrets, process.env[`CODELOOM_TEST_${name}_URL`]);
/** What tests take for a password where any will do. */
for (const word of ['hunter2', 'wrong-Secret-7Yq', 'sesame-open-42']) suiteSecrets.secret(word);
const begun = new Date();

afterAll(async () => {
  if (!suiteSecrets.hasSecrets()) return;
  for (const folder of remaining()) suiteSecrets.left(folder);
  if (temporal !== undefined && expect.getState().testPath?.includes('/services/temporal/') === true) {
    const { historiesSince } = await import('./histories.js');
    for await (const { id, text } of historiesSince(temporal, begun)) suiteSecrets.said(`the history of ${id}`, text);
  }
  const leaks = suiteSecrets.leaks();
  if (leaks.length > 0) throw new Error(`Secrets came to light:\n${leaks.join('\n')}`);
}, 120_000);
