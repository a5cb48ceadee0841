import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { loadSqliteDriver } from '../../src/adapters/sqlite/driver.js';
import { STAGES, createCodeloom, createSqliteStores, createTreeSitterParser, systemClock, type Clock, type Stage } from '../../src/index.js';
import { memoryKeys } from '../../src/use-cases/link-memory.js';
import { growingRepository, type GrowingRepository } from './crash/growing-repository.js';
import { processesLeft, stageTimes, startCommand, type CommandEnd } from './crash/indexing-command.js';
import { startReader, type ReaderProcess } from './crash/reader-process.js';

/** Kills: 10 in CI, 100 before a release. */
const KILLS = Number(process.env['CODELOOM_LAW_KILLS'] ?? 10);
const parser = createTreeSitterParser({ workers: 0 });
let repository: GrowingRepository & { readonly first: string };
let reader: ReaderProcess | undefined;

afterEach(async () => {
  await reader?.stop();
  reader = undefined;
  repository.remove();
});
afterAll(() => parser.close());

describe('law 2: a snapshot is there whole, or not at all', () => {
  it(`after the command was killed at ${KILLS} moments of all stages, to one that reads throughout and to the next run`, async () => {
    repository = await growingRepository(parser, 30);
    const index = ['index', '--verbose', '--json', '--workers', '2'];
    const measured = await startCommand(repository, index).ended;
    expect(digestOf(measured)).toBe(repository.first);
    const times = new Map(stageTimes(measured.stderr));
    reader = startReader(repository.store);

    const killed = new Map<Stage, number>();
    const digests = [repository.first];
    for (let kills = 0, attempt = 0; kills < KILLS; attempt += 1) {
      expect(attempt, 'attempts that ended before they were killed').toBeLessThan(KILLS * 4 + 20);
      const stage = STAGES[kills % STAGES.length] ?? 'acquire';
      const before = digests.at(-1) ?? '';
      const after = await repository.advance();
      digests.push(after);
      const command = startCommand(repository, index);
      await command.reached(stage);
      // What was missed because the command was already through is tried again, sooner.
      await delay(Math.random() * (times.get(stage) ?? 10) / (1 + attempt - kills));
      command.child.kill('SIGKILL');
      if ((await command.ended).signal !== 'SIGKILL') continue;
      kills += 1;
      killed.set(stage, (killed.get(stage) ?? 0) + 1);

      expect(await processesLeft(repository, [reader.child.pid]), `processes left after ${stage}`).toEqual([]);
      await reader.anotherRound();
      expect([before, after], `what is read after a kill in ${stage}`).toContain(reader.rounds.at(-1)?.digest);

      const next = await startCommand(repository, index).ended;
      expect(digestOf(next), `the run after a kill in ${stage}: ${next.stderr}`).toBe(after);
      for (const [name, took] of stageTimes(next.stderr)) times.set(name, took);
      expect(await leftBehind(), `left behind by a kill in ${stage}`).toEqual([]);
    }
    // What a killed run had put by for its later stages is of use to the next attempt, and goes after a day.
    await indexTomorrow();
    expect([...await leftBehind(), ...await handedOn()]).toEqual([]);

    expect(reader.rounds.flatMap(({ faults }) => faults)).toEqual([]);
    expect(reader.rounds.length).toBeGreaterThan(KILLS);
    // Each snapshot follows the one before.
    const seen = reader.rounds.map(({ digest }) => digests.indexOf(digest));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen).not.toContain(-1);
    expect([...killed.keys()]).toHaveLength(Math.min(KILLS, STAGES.length));
  }, 60_000 + KILLS * 20_000);
});

describe('two indexers at once', () => {
  it('of one repository in one store both end right', async () => {
    repository = await growingRepository(parser, 20);
    for (let round = 0; round < Math.max(2, KILLS / 10); round += 1) {
      const expected = round === 0 ? repository.first : await repository.advance();
      const first = startCommand(repository, ['index', '--verbose', '--json']);
      await delay(round === 0 ? 0 : Math.random() * 500);
      const second = startCommand(repository, ['index', '--verbose', '--json']);
      for (const end of [await first.ended, await second.ended]) expect(digestOf(end), end.stderr).toBe(expected);
      expect([...await leftBehind(), ...await handedOn()]).toEqual([]);
    }
  }, 120_000 + KILLS * 2_000);

  it('of two branches in one store both end right', async () => {
    repository = await growingRepository(parser, 20);
    repository.git('branch', 'old');
    const advanced = await repository.advance();
    const commands = [startCommand(repository, ['index', '--verbose', '--json', '--ref', 'old']), startCommand(repository, ['index', '--verbose', '--json', '--ref', 'main'])];
    const ends = await Promise.all(commands.map(({ ended }) => ended));
    expect(ends.map(digestOf)).toEqual([repository.first, advanced]);
    const verified = await startCommand(repository, ['verify', '--branch', 'old', '--json']).ended;
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true });
    expect([...await leftBehind(), ...await handedOn()]).toEqual([]);
  }, 120_000);
});

function digestOf({ code, stdout, stderr }: CommandEnd): string {
  if (code !== 0) return `exit ${code}: ${stderr}`;
  return (JSON.parse(stdout) as { snapshot: { digest: string } }).snapshot.digest; // as index --json prints it
}

/** Everything that is there and should not be, once a run has ended well. */
async function leftBehind(): Promise<readonly string[]> {
  const { store, folder } = repository;
  const files = [...readdirSync(store), ...readdirSync(join(folder, '..', 'temporary')).map((name) => `temporary/${name}`)]
    .filter((name) => !/^(graph|facts)\.(db|db-wal|db-shm|lock)$|^\.gitignore$/.test(name));
  const git = readdirSync(join(folder, '.git'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lock'));
  const changed = repository.git('status', '--porcelain').split('\n').filter((line) => line !== '');
  const rows = [
    ...await ask('graph.db', "SELECT 'run ' || id FROM run WHERE json_extract(data, '$.status') = 'running'"),
    ...await ask('graph.db', "SELECT 'snapshot without record ' || id FROM snapshot WHERE id NOT IN (SELECT snapshot FROM record)"),
    ...await ask('graph.db', "SELECT 'partition without content ' || path FROM partition WHERE pid NOT IN (SELECT pid FROM partition_content)"),
  ];
  return [...files, ...git, ...changed, ...rows];
}

/** What stages hand to one another, and what the linker remembers of anything but the heads of branches. */
async function handedOn(): Promise<readonly string[]> {
  const keys = await ask('facts.db', "SELECT key FROM fact WHERE key NOT GLOB 'facts/*' AND key NOT GLOB 'source/*' AND key NOT GLOB 'configuration/*'");
  const stores = await createSqliteStores({ folder: repository.store });
  try {
    const [known] = await stores.metadataStore.repositories();
    const remembered = new Set<string>();
    for (const head of known === undefined ? [] : await stores.graphStore.heads(known.id)) {
      const memory = await memoryKeys(stores.factStore, { repository: known?.id ?? '', snapshot: head.id });
      expect(memory, `what is remembered of ${head.branch}`).not.toEqual([]);
      for (const key of memory) remembered.add(key);
    }
    return keys.filter((key) => !remembered.has(key));
  } finally {
    await stores.close();
  }
}

async function indexTomorrow(): Promise<void> {
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + 25 * 60 * 60 * 1000) };
  const codeloom = await createCodeloom({ store: repository.store, parser, clock });
  try {
    expect((await codeloom.index({ location: repository.folder })).status).toBe('unchanged');
  } finally {
    await codeloom.close();
  }
}

async function ask(name: string, sql: string): Promise<readonly string[]> {
  const connection = (await loadSqliteDriver()).open(join(repository.store, name), 'read-only');
  try {
    return connection.all(sql).map(([value]) => String(value));
  } finally {
    connection.close();
  }
}
