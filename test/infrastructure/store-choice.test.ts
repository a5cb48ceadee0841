import { describe, expect, it } from 'vitest';
import { CodeloomError } from '../../src/domain/errors.js';
import type { SecretProvider } from '../../src/domain/ports/secret-provider.js';
import { neo4jAddress, postgresAddress, redisAddress } from '../../src/infrastructure/server-address.js';
import { chooseStores, storeText, type StoreChoices } from '../../src/infrastructure/store-choice.js';

const DATA = '/data';

function choose(texts: { readonly graph?: string; readonly metadata?: string; readonly facts?: string; readonly cache?: string }, store = DATA): StoreChoices {
  const text = (written: string | undefined, origin: string) => (written === undefined ? undefined : { text: written, origin, base: '/here' });
  return chooseStores({ graph: text(texts.graph, '--graph-store'), metadata: text(texts.metadata, '--metadata-store'), facts: text(texts.facts, '--fact-store'), cache: text(texts.cache, '--fact-cache') }, store);
}

function texts({ graph, metadata, facts }: StoreChoices): string[] {
  return [graph, metadata, facts].map(storeText);
}

describe('where the stores lie', () => {
  it('is the data folder when nobody names one', () => {
    expect(texts(choose({}))).toEqual(['sqlite:/data', 'sqlite:/data', 'sqlite:/data']);
    expect(texts(choose({}, 'memory'))).toEqual(['memory', 'memory', 'memory']);
  });

  it.each([
    ['postgres puts all into PostgreSQL', { graph: 'postgres' }, ['postgres', 'postgres', 'postgres']],
    ['neo4j holds graphs only: the rest lies in the data folder', { graph: 'neo4j' }, ['neo4j', 'sqlite:/data', 'sqlite:/data']],
    ['another folder takes all', { graph: 'sqlite:there' }, ['sqlite:/here/there', 'sqlite:/here/there', 'sqlite:/here/there']],
    ['each can be said by itself', { graph: 'bolt://graphs:7687', metadata: 'postgres', facts: 's3://facts/team' }, ['bolt://graphs:7687', 'postgres', 's3://facts/team']],
    ['what is said of one says nothing of the graph', { facts: 's3://facts' }, ['sqlite:/data', 'sqlite:/data', 's3://facts']],
  ])('%s', (_name, written, expected) => {
    expect(texts(choose(written))).toEqual(expected);
  });

  it('reads parameters of its own in an address, and leaves the driver the others', () => {
    expect(choose({ graph: 'postgres://ann@db:5433/graphs?sslmode=require&schema=code&tenant=acme' }).graph)
      .toEqual({ kind: 'postgres', address: 'postgres://ann@db:5433/graphs?sslmode=require', schema: 'code', tenant: 'acme' });
    expect(choose({ graph: 'postgres?tenant=acme' }).graph).toEqual({ kind: 'postgres', tenant: 'acme' });
    expect(choose({ graph: 'neo4j+s://db?database=code&space=acme' }).graph).toEqual({ kind: 'neo4j', address: 'neo4j+s://db', database: 'code', space: 'acme' });
    expect(choose({ facts: 's3://facts/a/b/?region=eu-west-1&endpoint=http://127.0.0.1:9000' }).facts)
      .toEqual({ kind: 's3', bucket: 'facts', prefix: 'a/b', region: 'eu-west-1', endpoint: 'http://127.0.0.1:9000' });
    expect(choose({ facts: 'postgres', cache: 'redis' }).cache).toBe('');
    expect(choose({ cache: 'redis://cache:6380' }).cache).toBe('redis://cache:6380');
  });

  it('is written as it is read', () => {
    for (const graph of ['memory', 'sqlite:/a b', 'postgres', 'postgres?schema=s&tenant=t', 'postgres://h/d?sslmode=require&schema=s', 'neo4j?database=d', 'neo4j://h:1?database=d&space=s%26p']) {
      const choice = choose({ graph }).graph;
      expect(choose({ graph: storeText(choice) }).graph).toEqual(choice);
    }
    const { facts } = choose({ facts: 's3://b/p?endpoint=http%3A%2F%2Fh%3A9&region=r' });
    expect(choose({ facts: storeText(facts) }).facts).toEqual(facts);
  });

  it.each([
    [{ graph: 's3://bucket' }, /--graph-store: s3 keeps no graphs; possible are memory, sqlite, postgres, neo4j/],
    [{ metadata: 'neo4j' }, /neo4j keeps no metadata/],
    [{ facts: 'neo4j' }, /neo4j keeps no facts/],
    [{ graph: 'postgress' }, /"postgress" names no store/],
    [{ graph: 'mysql://host/db' }, /"mysql…" names no store/],
    [{ graph: 'sqlite:' }, /names no store/],
    [{ facts: 's3://' }, /names no store/],
    [{ cache: 'memcached' }, /names no store/],
    [{ cache: 'postgres://h' }, /a cache is redis/],
  ])('is refused: %j', (written, message) => {
    expect(() => choose(written)).toThrow(message);
    expect(failure(() => choose(written)).code).toBe('invalid-configuration');
  });

  it.each([
    { graph: 'postgres://ann:hunter2@db/graphs' },
    { graph: 'postgres://ann:hunter2/x#@db/graphs' },
    { graph: 'postgres://ann:12/hunter2@db/graphs' },
    { graph: 'postgres://db/graphs?user=ann&password=hunter2' },
    { graph: 'postgers://ann:hunter2@db/graphs' },
    { graph: 'postgres://:hunter2@db' },
    { graph: 'neo4j+s://neo4j:hunter2@db' },
    { facts: 's3://key:hunter2@bucket/prefix' },
    { cache: 'redis://:hunter2@cache' },
  ])('refuses a password in %j without repeating it', (written) => {
    const error = failure(() => choose(written));
    expect(error).toMatchObject({ code: 'invalid-configuration', message: expect.stringMatching(/password does not belong here/) });
    expect(JSON.stringify([error.message, error.stack, error.details, String(error.cause)])).not.toContain('hunter2');
  });
});

describe('the address of a server', () => {
  const secrets = (known: Readonly<Record<string, string>>): SecretProvider => ({ secret: async (name) => known[name] });

  it('takes user and password from the secrets', async () => {
    const known = secrets({ POSTGRES_USER: 'ann', POSTGRES_PASSWORD: 'p@ss/w%rd', NEO4J_PASSWORD: 'a:b' });
    expect(await postgresAddress({ kind: 'postgres', address: 'postgres://db/graphs', schema: 's' }, known)).toEqual({ url: 'postgres://ann:p%40ss%2Fw%25rd@db/graphs', schema: 's' });
    expect(await neo4jAddress({ kind: 'neo4j', address: 'neo4j://bob@db:7687' }, known)).toEqual({ url: 'neo4j://db:7687', user: 'bob', password: 'a:b' });
  });

  it('is a secret as a whole where only the server is named; what is written beside the name goes before', async () => {
    const known = secrets({ POSTGRES_URL: 'postgresql://ann:x@db/graphs?tenant=a&schema=s', NEO4J_URL: 'bolt://neo4j:y@db?space=a', REDIS_URL: 'redis://:z@cache' });
    expect(await postgresAddress({ kind: 'postgres', tenant: 'b' }, known)).toEqual({ url: 'postgresql://ann:x@db/graphs', schema: 's', tenant: 'b' });
    expect(await neo4jAddress({ kind: 'neo4j' }, known)).toEqual({ url: 'bolt://db', user: 'neo4j', password: 'y', space: 'a' });
    expect(await redisAddress('', known)).toBe('redis://:z@cache');
  });

  it('says which variable is missing, or wrong, and never what is in it', async () => {
    await expect(postgresAddress({ kind: 'postgres' }, secrets({}))).rejects.toMatchObject({ code: 'invalid-configuration', details: { hint: expect.stringContaining('CODELOOM_POSTGRES_URL') } });
    for (const url of ['postgres://ann:hun#ter2@db', 'hunter2', 'mysql://ann:hunter2@db']) {
      const error = CodeloomError.from(await postgresAddress({ kind: 'postgres' }, secrets({ POSTGRES_URL: url })).catch((caught: unknown) => caught));
      expect(error).toMatchObject({ code: 'invalid-configuration', message: expect.stringContaining('CODELOOM_POSTGRES_URL') });
      expect(JSON.stringify([error.message, error.stack, error.details, String(error.cause)])).not.toMatch(/hun.?ter2/);
    }
  });
});

function failure(work: () => unknown): CodeloomError {
  try {
    work();
  } catch (error) {
    return CodeloomError.from(error);
  }
  throw new Error('nothing was thrown');
}
