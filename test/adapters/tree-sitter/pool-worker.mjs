// A worker of the pool that does as the source says, so that the pool can be seen with workers that die, hang or grow.
import { existsSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

if (workerData.limits.maxBytes === 13) process.exit(1);
parentPort.postMessage({ ready: true });
parentPort.on('message', ({ bytes, language, grammar }) => {
  const text = Buffer.from(bytes).toString();
  if (text === 'die') process.exit(1);
  const [, once] = /^die once (.+)$/.exec(text) ?? [];
  if (once !== undefined && !existsSync(once)) {
    writeFileSync(once, '');
    process.exit(1);
  }
  if (text === 'hang') for (;;);
  if (text === 'throw') throw new Error('thrown in the worker');
  if (text === 'fill') for (const all = []; ; ) all.push(new Array(1e6).fill(0.5));
  if (text === 'error') return parentPort.postMessage({ error: 'no such grammar', retire: false });
  const retire = text === 'retire';
  const facts = Buffer.from(JSON.stringify({ language, text, grammar: grammar?.sha256 ?? null, thread: process.threadId }));
  parentPort.postMessage({ facts: new Uint8Array(facts), diagnostics: [], retire });
  if (retire) parentPort.close();
});
