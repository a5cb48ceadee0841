// A worker for durable runs: node dist/worker.js. The server: TEMPORAL_ADDRESS. The stores: GRAPH_STORE (postgres, neo4j …, with CODELOOM_POSTGRES_URL and its like); else the folder ./data.
import { CodeloomError } from 'codeloom';
import { createWorker } from 'codeloom/temporal';

const { TEMPORAL_ADDRESS: address = 'localhost:7233', TASK_QUEUE: taskQueue, GRAPH_STORE: graphStore } = process.env;

// The first signal lets steps end or hands them over; a second one ends the process at once.
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
  });
}

try {
  const worker = await createWorker({
    temporal: { address }, taskQueue, tuning: { activities: 2, shutdownGraceSeconds: 10 },
    codeloom: graphStore === undefined ? { store: './data' } : { graphStore },
  });
  console.log(`working on ${worker.taskQueue}`);
  await worker.run({ signal: stopping.signal });
  console.log('stopped');
} catch (error) {
  const { code, message } = CodeloomError.from(error);
  console.error(`${code}: ${message}`);
  process.exitCode = 1;
}
