import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { connectNeo4j } from '../../../src/adapters/neo4j/connection.js';
import { createNeo4jGraphStore } from '../../../src/adapters/neo4j/graph-store.js';
import { createPostgresStores } from '../../../src/adapters/postgres/stores.js';
import type { Check } from '../../../src/domain/check.js';
import type { SecretProvider } from '../../../src/domain/ports/secret-provider.js';
import { diagnoseCache, diagnoseServer } from '../../../src/infrastructure/servers.js';
import { chooseStores, type StoreChoice } from '../../../src/infrastructure/store-choice.js';
import { diagnoseS3 } from '../../../src/adapters/s3/diagnose.js';
import { neo4jPlace, postgresPlace, secrets, servers } from '../places.js';
import { freshBucket } from '../s3/bucket.js';

const choice = (graph: string): StoreChoice => chooseStores({ graph: { text: graph, origin: 'the test', base: '/' } }, 'memory').graph;
const only = (known: Readonly<Record<string, string>>): SecretProvider => ({ secret: async (name) => known[name] });

async function look(text: string, known: SecretProvider = secrets): Promise<Check[]> {
  const named = choice(text);
  if (named.kind === 'memory' || named.kind === 'sqlite') throw new Error('no server');
  return collect(diagnoseServer(named, known));
}

async function collect(checks: AsyncIterable<Check>): Promise<Check[]> {
  const all: Check[] = [];
  for await (const check of checks) all.push(check);
  return all;
}

/** An address at which nobody listens. */
const NOWHERE = '127.0.0.1:1';

describe.skipIf(servers.postgres === '')('doctor looks at PostgreSQL', () => {
  it('before and after the schema is made', async () => {
    const place = postgresPlace();
    const schema = /schema=(\w+)/.exec(place.text)?.[1] ?? '';
    try {
      const before = await look(place.text);
      expect(before.map(({ name, status }) => `${name} ${status}`)).toEqual(['PostgreSQL ok', 'PostgreSQL schema ok', 'PostgreSQL rights ok', 'PostgreSQL space ok']);
      expect(before[0]?.found).toMatch(/^\d+.* database \w+, as \w+; looked at in \d+ ms$/);
      expect(before[1]?.found).toMatch(/not there yet/);
      expect(before[1]?.found).toContain(schema);
      await (await createPostgresStores({ url: servers.postgres, schema })).close();
      expect((await look(place.text))[1]?.found).toMatch(/version \d+, as this codeloom needs it/);
    } finally {
      await place.remove();
    }
  });

  it.each([
    ['a wrong password', (url: URL) => { url.password = 'hunter2'; }, /password/i, /CODELOOM_POSTGRES_PASSWORD/],
    ['nobody who answers', (url: URL) => { url.host = NOWHERE; url.password = 'hunter2'; }, /./, /server runs/],
    ['a database that is not there', (url: URL) => { url.pathname = '/nowhere'; }, /./, /./],
  ])('finds %s, and says what to do, without the password', async (_name, change, found, advice) => {
    const url = new URL(servers.postgres);
    change(url);
    const checks = await look('postgres', only({ POSTGRES_URL: url.href }));
    expect(checks).toMatchObject([{ name: 'PostgreSQL', status: 'fail', found: expect.stringMatching(found), advice: expect.stringMatching(advice) }]);
    expect(JSON.stringify(checks)).not.toContain(url.password);
  });
});

describe.skipIf(servers.neo4j === '')('doctor looks at Neo4j', () => {
  it('and leaves nothing there', async () => {
    const space = `test-${randomUUID()}`;
    const place = neo4jPlace(space);
    await (await createNeo4jGraphStore({ url: servers.neo4j, space })).close();
    const checks = await look(place.text);
    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual(['Neo4j ok', 'Neo4j schema ok', 'Neo4j rights ok', 'Neo4j space ok']);
    expect(checks[0]?.found).toMatch(/^\d+\.\d+.* answers after \d+ ms$/);
    expect(checks[1]?.found).toMatch(/version \d+, as this codeloom needs it/);
    expect(checks[3]?.found).toMatch(/^[\d,]+ nodes/);
    const connection = connectNeo4j({ url: servers.neo4j }, { patience: 1000 });
    expect(await connection.read('MATCH (n) WHERE size(labels(n)) = 0 RETURN count(n)').finally(() => connection.close())).toEqual([[0]]);
    await place.remove();
  });

  it.each([
    ['a wrong password', (url: URL) => { url.password = 'hunter2'; }, /CODELOOM_NEO4J_PASSWORD/],
    ['nobody who answers', (url: URL) => { url.host = NOWHERE; url.password = 'hunter2'; }, /server runs/],
  ])('finds %s, and says what to do, without the password', async (_name, change, advice) => {
    const url = new URL(servers.neo4j);
    change(url);
    const checks = await look('neo4j', only({ NEO4J_URL: url.href }));
    expect(checks).toMatchObject([{ name: 'Neo4j', status: 'fail', advice: expect.stringMatching(advice) }]);
    expect(JSON.stringify(checks)).not.toContain('hunter2');
  });
});

describe.skipIf(servers.redis === '')('doctor looks at Redis', () => {
  it('and tells version and memory', async () => {
    expect(await collect(diagnoseCache('', secrets))).toMatchObject([{ name: 'Redis', status: 'ok', found: expect.stringMatching(/^\d+\.\d+/) }, { name: 'Redis memory', status: 'ok' }]);
  });

  it('warns where it does not answer, and fails where the password is wrong', async () => {
    expect(await collect(diagnoseCache(`redis://${NOWHERE}`, only({})))).toMatchObject([{ name: 'Redis', status: 'warn' }]);
    const url = new URL(servers.redis);
    url.password = 'hunter2';
    const checks = await collect(diagnoseCache('', only({ REDIS_URL: url.href })));
    expect(checks).toMatchObject([{ name: 'Redis', status: 'fail', advice: expect.stringContaining('CODELOOM_REDIS_PASSWORD') }]);
    expect(JSON.stringify(checks)).not.toContain('hunter2');
  });
});

describe.skipIf(servers.s3 === '')('doctor looks at S3', () => {
  it('writes, reads, and leaves nothing there', async () => {
    const bucket = await freshBucket();
    try {
      expect((await collect(diagnoseS3(bucket.options))).map(({ name, status }) => `${name} ${status}`)).toEqual(['S3 ok', 'S3 rights ok']);
      expect(await bucket.names()).toEqual([]);
    } finally {
      await bucket.dispose();
    }
  });

  it.each([
    ['wrong keys', { credentials: { accessKeyId: 'nobody', secretAccessKey: 'hunter2' } }, /AWS_ACCESS_KEY_ID/],
    ['nobody who answers', { endpoint: `http://${NOWHERE}` }, /endpoint/],
  ])('finds %s, and says what to do, without the key', async (_name, change, advice) => {
    const bucket = await freshBucket();
    try {
      const checks = await collect(diagnoseS3({ ...bucket.options, ...change }));
      expect(checks).toMatchObject([{ name: 'S3', status: 'fail', advice: expect.stringMatching(advice) }]);
      expect(JSON.stringify(checks)).not.toContain('hunter2');
    } finally {
      await bucket.dispose();
    }
  });
});
