import { Client, Connection } from '@temporalio/client';

/** The histories of all runs that a Temporal server was asked for since a moment: payloads, failures and memos, as text. */
export async function* historiesSince(address: string, since: Date): AsyncGenerator<{ readonly id: string; readonly text: string }> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    for await (const { workflowId, runId } of client.workflow.list({ query: `StartTime >= '${since.toISOString()}'` })) {
      yield { id: workflowId, text: textOf(await client.workflow.getHandle(workflowId, runId).fetchHistory()) };
    }
  } finally {
    await connection.close();
  }
}

/** All texts and bytes in a value, and the names of its fields. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? Object.entries(value).map(([name, each]) => `${name}: ${textOf(each)}`).join('\n') : '';
}
