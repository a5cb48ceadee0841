import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCodeloom, type Codeloom, type GraphStore, type MetadataStore } from '../../../src/index.js';
import { createStorePool } from '../../../src/infrastructure/store-set.js';
import { chooseStores } from '../../../src/infrastructure/store-choice.js';
import { createMemoryGitHost } from '../../../src/testing.js';
import { neo4jPlace, postgresPlace, secrets, servers, type Place } from '../places.js';

const TREE = {
  'io.ts': 'export function save(): void {}\n',
  'shop.ts': "import { save } from './io.js';\nexport function open(): void { save() }\n",
};
const schema = `test_${randomUUID().replaceAll('-', '')}`;
const SERVERS = [
  { name: 'PostgreSQL', there: servers.postgres !== '', place: (tenant: string): Place => postgresPlace(tenant, schema) },
  { name: 'Neo4j', there: servers.neo4j !== '', place: (tenant: string): Place => neo4jPlace(`${schema}-${tenant}`) },
];

/** A tenant with its codeloom, and its stores as somebody would use them who reaches across. */
interface Tenant {
  readonly place: Place;
  readonly codeloom: Codeloom;
  readonly graphStore: GraphStore;
  readonly metadataStore: MetadataStore;
  close(): Promise<void>;
}

describe.each(SERVERS.filter(({ there }) => there))('tenants, repositories and branches in one $name', ({ place }) => {
  const git = createMemoryGitHost({
    repositories: [
      { location: 'shop', branches: { main: [TREE], next: [{ ...TREE, 'next.ts': 'export const next = 1;\n' }] } },
      { location: 'fork', branches: { main: [{ ...TREE, 'fork.ts': 'export const fork = 1;\n' }] } },
    ],
  });
  let [ann, bob]: Tenant[] = [];

  async function open(tenant: string): Promise<Tenant> {
    const own = place(tenant);
    const choices = chooseStores({ graph: { text: own.text, origin: 'the test', base: '/' } }, 'memory');
    const pool = createStorePool({ secrets: async () => secrets });
    const [graphStore, metadataStore, factStore] = [await pool.graphStore(choices.graph), await pool.metadataStore(choices.metadata), await pool.factStore(choices.facts)];
    const codeloom = await createCodeloom({ store: 'memory', graphStore, metadataStore, factStore, gitHost: git, workers: 0 });
    return { place: own, codeloom, graphStore, metadataStore, close: async () => { await codeloom.close(); await pool.close(); } };
  }

  function tenants(): [Tenant, Tenant] {
    if (ann === undefined || bob === undefined) throw new Error('the tenants are not there');
    return [ann, bob];
  }

  beforeAll(async () => {
    ann = await open('ann');
    bob = await open('bob');
    await ann.codeloom.index({ location: 'shop' });
    await ann.codeloom.index({ location: 'shop', ref: 'next' });
    await ann.codeloom.index({ location: 'fork' });
    await bob.codeloom.index({ location: 'fork' });
  });

  afterAll(async () => {
    for (const tenant of [ann, bob]) await tenant?.close();
    for (const tenant of [ann, bob]) await tenant?.place.remove();
  });

  const fingerprint = async ({ graphStore, metadataStore, codeloom }: Tenant): Promise<unknown> => ({
    heads: await graphStore.heads(),
    repositories: await metadataStore.repositories(),
    verified: await Promise.all((await graphStore.heads()).map(async ({ id, repository }) => (await codeloom.verify({ repository, snapshot: id, cleanBuild: false })).ok)),
    callers: await codeloom.callers({ repository: 'memory/fork', symbol: 'save' }),
    runs: (await metadataStore.runs('memory/fork')).map(({ id }) => id),
  });

  it('a tenant sees its own repositories alone, also under the same ids and with the same content', async () => {
    const [one, other] = tenants();
    expect((await one.graphStore.heads()).map(({ repository, branch }) => [repository, branch])).toEqual([['memory/fork', 'main'], ['memory/shop', 'main'], ['memory/shop', 'next']]);
    expect((await other.graphStore.heads()).map(({ repository, branch }) => [repository, branch])).toEqual([['memory/fork', 'main']]);
    expect((await other.codeloom.repositories()).map(({ id }) => id)).toEqual(['memory/fork']);
    expect(await other.graphStore.snapshots('memory/shop')).toEqual([]);
    expect((await other.metadataStore.runs('memory/shop'))).toEqual([]);
  });

  it('the id of another\'s snapshot opens nothing, and its partitions are not said to be there', async () => {
    const [one, other] = tenants();
    const [shop] = await one.graphStore.heads('memory/shop');
    await expect(other.graphStore.open(shop?.id ?? '')).rejects.toMatchObject({ code: 'unknown-snapshot' });
    await expect(other.codeloom.callers({ repository: 'memory/shop', symbol: 'save' })).rejects.toMatchObject({ code: 'not-indexed' });
    const reader = await one.graphStore.open((await one.graphStore.heads('memory/shop'))[1]?.id ?? '');
    const next = (await reader.manifest()).find(({ path }) => path === 'next.ts')?.digest ?? '';
    await reader.close();
    expect([(await one.graphStore.holds([next])).size, (await other.graphStore.holds([next])).size]).toEqual([1, 0]);
    for await (const files of other.metadataStore.files(shop?.id ?? '')) expect(files).toEqual([]);
  });

  it('a tenant cannot publish what only another has', async () => {
    const [one, other] = tenants();
    const next = (await one.graphStore.heads('memory/shop'))[1];
    const reader = await one.graphStore.open(next?.id ?? '');
    const manifest = await reader.manifest();
    await reader.close();
    await expect(other.graphStore.publish({ snapshot: reader.snapshot, manifest, partitions: (async function* () {})() })).rejects.toMatchObject({ code: 'conflict' });
    expect(await other.graphStore.snapshots('memory/shop')).toEqual([]);
  });

  it('retiring another\'s snapshots and branches, and removing their records, does nothing', async () => {
    const [one, other] = tenants();
    const before = await fingerprint(one);
    const ids = (await one.graphStore.heads()).map(({ id }) => id);
    for (const repository of ['memory/shop', 'memory/fork']) {
      const { snapshots } = await other.graphStore.retire({ repository, snapshots: ids.filter((id) => id !== ids[0]), branches: ['next'] });
      expect(snapshots).toBe(0);
    }
    await other.metadataStore.removeSnapshots(ids.slice(1));
    expect(await fingerprint(one)).toEqual(before);
  });

  it('a repository is not reached through another: not its snapshots, not its branches of the same name', async () => {
    const [one] = tenants();
    const fork = (await one.graphStore.heads('memory/fork')).map(({ id }) => id);
    expect(await one.graphStore.retire({ repository: 'memory/shop', snapshots: fork, branches: ['no such branch'] })).toMatchObject({ snapshots: 0 });
    await expect(one.codeloom.callers({ repository: 'memory/shop', snapshot: fork[0], symbol: 'save' })).rejects.toMatchObject({ code: 'unknown-snapshot' });
  });

  it('deleting a branch leaves the others whole, and a repository that shares its files', async () => {
    const [one, other] = tenants();
    const before = [await fingerprint(other), await one.codeloom.callers({ repository: 'memory/shop', symbol: 'save' })];
    expect(await one.graphStore.retire({ repository: 'memory/shop', snapshots: [], branches: ['next'] })).toMatchObject({ snapshots: 1 });
    expect((await one.graphStore.heads('memory/shop')).map(({ branch }) => branch)).toEqual(['main']);
    expect([await fingerprint(other), await one.codeloom.callers({ repository: 'memory/shop', symbol: 'save' })]).toEqual(before);
    expect((await one.codeloom.verify({ repository: 'memory/shop', cleanBuild: false })).ok).toBe(true);
    const fork = await fingerprint(other);
    await one.graphStore.retire({ repository: 'memory/shop', snapshots: [], branches: ['main'] });
    expect(await one.codeloom.callers({ repository: 'memory/fork', symbol: 'save' })).toMatchObject({ results: [{ name: 'open' }] });
    expect((await one.codeloom.verify({ repository: 'memory/fork', cleanBuild: false })).ok).toBe(true);
    expect(await fingerprint(other)).toEqual(fork);
  });

  it('deleting a tenant leaves the other untouched', async () => {
    const [one, other] = tenants();
    const before = await fingerprint(other);
    await one.close();
    await one.place.remove();
    expect(await fingerprint(other)).toEqual(before);
    ann = await open('ann');
    expect(await ann.graphStore.heads()).toEqual([]);
    await other.codeloom.index({ location: 'shop' });
    expect(await ann.graphStore.heads()).toEqual([]);
  });
});
