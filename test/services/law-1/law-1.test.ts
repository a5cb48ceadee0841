import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCodeloom, systemClock, type Codeloom, type CodeloomOptions, type IndexOutcome, type createTreeSitterParser } from '../../../src/index.js';
import { neo4jPlace, postgresPlace, secrets, servers, type Place } from '../places.js';
import { answer, questions, subjectsOf } from './questions.js';
import { createRealRepository, randomNumbers, type RealRepository } from './real-repository.js';
import { rememberingParser } from './remembering-parser.js';

/** Another seed is another history and other questions. */
const SEED = Number(process.env['CODELOOM_LAW_SEED'] ?? 20_260_101);
const COMMITS = 10;
const QUESTIONS = 200;

// Worker threads run built code only.
const built = await import(new URL('../../../dist/index.js', import.meta.url).href) as { readonly createTreeSitterParser: typeof createTreeSitterParser }; // the same module, compiled

describe.skipIf(servers.neo4j === '' && servers.postgres === '')('law 1 on a real repository: one graph, any store', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'codeloom-law-1-')));
  const random = randomNumbers(SEED);
  const parser = rememberingParser(built.createTreeSitterParser({ workers: 2 }));
  /** One moment for all, so that answers can be compared whole. */
  const clock = { ...systemClock, now: () => new Date('2026-01-01T00:00:00Z') };
  const places: Place[] = [];
  const stores = new Map<string, Codeloom>();
  let repository: RealRepository;

  const open = async (name: string, options: CodeloomOptions): Promise<void> => void stores.set(name, await createCodeloom({ store: join(folder, name), ...options, parser, clock, secrets }));

  beforeAll(async () => {
    mkdirSync(join(folder, 'repository'));
    repository = createRealRepository(join(folder, 'repository'), random);
    await open('memory', { store: 'memory' });
    await open('SQLite', {});
    if (servers.neo4j !== '') {
      const place = neo4jPlace();
      places.push(place);
      await open('Neo4j', { graphStore: place.text });
    }
    if (servers.postgres !== '') {
      const place = postgresPlace();
      places.push(place);
      await open('PostgreSQL', { graphStore: place.text });
    }
  }, 300_000);

  afterAll(async () => {
    await Promise.all([...stores.values()].map((codeloom) => codeloom.close()));
    await parser.close();
    for (const place of places) await place.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }, 300_000);

  /** Indexes on every store, on servers side by side; all must say the same of it. */
  async function indexEverywhere(): Promise<IndexOutcome> {
    const [[, memory], ...others] = inTheirOrder();
    const index = (codeloom: Codeloom): Promise<IndexOutcome> => codeloom.index({ location: repository.folder, ref: 'main', retention: { days: 365, snapshots: 20 } });
    const first = await index(memory);
    const outcomes = await Promise.all(others.map(async ([name, codeloom]) => ({ name, outcome: await index(codeloom) })));
    for (const { name, outcome } of outcomes) expect({ ...outcome, run: '' }, name).toEqual({ ...first, run: '' });
    return first;
  }

  async function askEverywhere(): Promise<void> {
    const [[, memory], ...others] = inTheirOrder();
    const subjects = await subjectsOf(memory);
    let answered = 0;
    for (const question of questions(QUESTIONS, subjects, random)) {
      const expected = await answer(question, memory);
      const answers = await Promise.all(others.map(async ([name, codeloom]) => ({ name, given: await answer(question, codeloom) })));
      for (const { name, given } of answers) expect(given, `${name}: ${question.text}`).toEqual(expected);
      if (typeof expected === 'object' && expected !== null && !('refused' in expected)) answered += 1;
    }
    // Answers that were all refused would be the same, too.
    expect(answered).toBeGreaterThan(QUESTIONS / 2);
  }

  function inTheirOrder(): [[string, Codeloom], ...[string, Codeloom][]] {
    return [...stores] as [[string, Codeloom], ...[string, Codeloom][]]; // memory is opened first
  }

  async function verifyEverywhere(): Promise<void> {
    for (const [name, codeloom] of stores) expect(await codeloom.verify({ cleanBuild: false }), name).toMatchObject({ ok: true });
  }

  it('gives the same digest and the same answers after a clean index', async () => {
    expect(repository.files).toBeGreaterThanOrEqual(500);
    const { snapshot } = await indexEverywhere();
    expect(snapshot.stats.files).toBeGreaterThanOrEqual(500);
    await askEverywhere();
    await verifyEverywhere();
  }, 900_000);

  it('gives the same digest after each of ten random commits, and the same answers after them', async () => {
    let digest = '';
    for (let commit = 0; commit < COMMITS; commit += 1) {
      repository.commit();
      ({ digest } = (await indexEverywhere()).snapshot);
    }
    await askEverywhere();
    await verifyEverywhere();
    // what the stores were brought to bit by bit is what they would be given at once
    await using clean = await createCodeloom({ store: 'memory', parser, clock });
    expect((await clean.index({ location: repository.folder, ref: 'main' })).snapshot.digest).toBe(digest);
  }, 1_800_000);
});
