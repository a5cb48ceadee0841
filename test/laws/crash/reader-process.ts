import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A process that asks a store again and again, over the library; each line it prints is one round of questions about one pinned snapshot. */
export interface ReaderProcess {
  readonly child: ChildProcess;
  readonly rounds: readonly ReaderRound[];
  /** Resolves when it has begun and ended a round after now. */
  anotherRound(): Promise<void>;
  stop(): Promise<void>;
}

export interface ReaderRound {
  /** Digest of the snapshot it saw. */
  readonly digest: string;
  /** What was wrong; empty when every partition has the digest of the manifest, the manifest that of the snapshot, and the answers belong to it. */
  readonly faults: readonly string[];
}

const LIBRARY = new URL('../../../dist/index.js', import.meta.url).href;

const PROGRAM = `
  import { createCodeloom, digestManifest, digestPartition, sha256 } from ${JSON.stringify(LIBRARY)};
  const [store] = process.argv.slice(1);
  const codeloom = await createCodeloom({ store });
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  let going = true;
  process.stdin.on('end', () => { going = false; }).resume();
  while (going) {
    const faults = [];
    let digest = '';
    try {
      await codeloom.read({ branch: 'main' }, async (reader) => {
        digest = reader.snapshot.digest;
        const manifest = await reader.manifest();
        if (digestManifest(manifest, sha256) !== digest) faults.push('the manifest is not that of the snapshot');
        await wait(Math.random() * 60);
        const expected = new Map(manifest.map((entry) => [entry.path, entry.digest]));
        let symbols = 0;
        for await (const partitions of reader.partitions()) {
          for (const partition of partitions) {
            if (expected.get(partition.path) !== digestPartition(partition, sha256)) faults.push('the partition of ' + partition.path + ' is another');
            expected.delete(partition.path);
            symbols += partition.nodes.filter(({ kind }) => kind !== 'file' && kind !== 'external').length;
          }
        }
        if (expected.size > 0) faults.push(expected.size + ' partitions are missing');
        if (symbols !== reader.snapshot.stats.symbols) faults.push('has ' + symbols + ' symbols instead of ' + reader.snapshot.stats.symbols);
      });
      const found = await codeloom.symbols({ branch: 'main', text: 'f1', match: 'exact' });
      const symbol = found.results[0]?.id ?? 'no f1';
      for (const answer of [await codeloom.callers({ branch: 'main', symbol }), await codeloom.impact({ branch: 'main', symbol }), await codeloom.statistics({ branch: 'main' })]) {
        if (answer.snapshot === undefined) faults.push('an answer says not what it is about');
      }
    } catch (error) {
      faults.push(String(error.code) + ': ' + error.message);
    }
    console.log(JSON.stringify({ digest, faults }));
    await wait(40);
  }
  await codeloom.close();
`;

export function startReader(store: string): ReaderProcess {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, '--', store], { cwd: fileURLToPath(new URL('../../../', import.meta.url)), stdio: ['pipe', 'pipe', 'pipe'] });
  const rounds: ReaderRound[] = [];
  let buffer = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors += text);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (buffer + text).split('\n');
    buffer = lines.pop() ?? '';
    rounds.push(...lines.map((line) => JSON.parse(line) as ReaderRound)); // as the program prints it
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  return {
    child, rounds,
    async anotherRound() {
      for (const enough = rounds.length + 2; rounds.length < enough;) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the reader ended: ${errors}`);
        await delay(10);
      }
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
