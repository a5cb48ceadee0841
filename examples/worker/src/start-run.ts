// Has a repository indexed by whatever worker is there, and waits: node dist/start-run.js <url> <owner/name> [branch]. The server: TEMPORAL_ADDRESS.
import { CodeloomError } from 'codeloom';
import { createTemporalRuns } from 'codeloom/temporal';

const [url = '', name = '', branch = 'main'] = process.argv.slice(2);
const { TEMPORAL_ADDRESS: address = 'localhost:7233', TASK_QUEUE: taskQueue } = process.env;

try {
  const runs = await createTemporalRuns({ temporal: { address }, taskQueue });
  try {
    // Of a branch there is one run at a time: of a push during a run comes one more.
    const { id, status } = await runs.push({ repositoryId: name, name, url, branch });
    console.log(`${id} is ${status}`);
    const { commit, counts, changed } = await runs.result(id);
    console.log(`${name} at ${commit}: ${counts['indexed_files']} files, ${counts['total_symbols']} symbols${changed ? '' : ', as before'}`);
  } finally {
    await runs.close();
  }
} catch (error) {
  const { code, message } = CodeloomError.from(error);
  console.error(`${code}: ${message}`);
  process.exitCode = 1;
}
