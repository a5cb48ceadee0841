import { resolve } from 'node:path';
import { CodeloomError } from '../domain/errors.js';

/** Where a store lies, without any secret: these go into configuration files, command lines and what is printed. */
export type StoreChoice =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly folder: string }
  /** `address` absent: it is a secret, `POSTGRES_URL`. `schema` and `tenant` absent: as the address says, else the adapter's default. */
  | { readonly kind: 'postgres'; readonly address?: string; readonly schema?: string; readonly tenant?: string }
  /** `address` absent: it is a secret, `NEO4J_URL`. */
  | { readonly kind: 'neo4j'; readonly address?: string; readonly database?: string; readonly space?: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix?: string; readonly endpoint?: string; readonly region?: string };

/** Where the three stores lie, decided. */
export interface StoreChoices {
  readonly graph: StoreChoice;
  readonly metadata: StoreChoice;
  readonly facts: StoreChoice;
  /** A Redis in front of the facts; an empty text: its address is a secret, `REDIS_URL`. */
  readonly cache?: string | undefined;
}

/** What somebody wrote, and where: a flag, a variable, a key of a file. */
export interface StoreText {
  readonly text: string;
  readonly origin: string;
  /** Relative folders are relative to it. */
  readonly base: string;
}

/** What was written of the stores; what is absent was not. */
export interface StoreTexts {
  readonly graph?: StoreText | undefined;
  readonly metadata?: StoreText | undefined;
  readonly facts?: StoreText | undefined;
  readonly cache?: StoreText | undefined;
}

type Role = 'graph' | 'metadata' | 'facts';

const ABLE: Readonly<Record<Role, readonly StoreChoice['kind'][]>> = {
  graph: ['memory', 'sqlite', 'postgres', 'neo4j'],
  metadata: ['memory', 'sqlite', 'postgres'],
  facts: ['memory', 'sqlite', 'postgres', 's3'],
};

/**
 * Decides where the three stores lie. Metadata and facts go where the graph goes if that can hold them, so that one word puts everything into PostgreSQL; else (Neo4j)
 * into SQLite in the data folder. Throws `invalid-configuration`; never repeats a text that may hold a password.
 */
export function chooseStores(texts: StoreTexts, store: string): StoreChoices {
  const usual: StoreChoice = store === 'memory' ? { kind: 'memory' } : { kind: 'sqlite', folder: store };
  const graph = texts.graph === undefined ? usual : readStore(texts.graph, 'graph', store);
  const follow = (role: Role, text: StoreText | undefined): StoreChoice =>
    text !== undefined ? readStore(text, role, store) : ABLE[role].includes(graph.kind) ? graph : usual;
  return {
    graph, metadata: follow('metadata', texts.metadata), facts: follow('facts', texts.facts),
    ...(texts.cache === undefined ? {} : { cache: readCache(texts.cache) }),
  };
}

/** A choice as it is written and printed. */
export function storeText(choice: StoreChoice): string {
  switch (choice.kind) {
    case 'memory': return 'memory';
    case 'sqlite': return `sqlite:${choice.folder}`;
    case 'postgres': return withParameters(choice.address ?? 'postgres', { schema: choice.schema, tenant: choice.tenant });
    case 'neo4j': return withParameters(choice.address ?? 'neo4j', { database: choice.database, space: choice.space });
    case 's3': return withParameters(`s3://${choice.bucket}${choice.prefix === undefined ? '' : `/${choice.prefix}`}`, { endpoint: choice.endpoint, region: choice.region });
  }
}

/** Takes parameters of codeloom's own out of an address: the driver gets the rest. */
export function splitAddress<Name extends string>(url: URL, names: readonly Name[]): { readonly address: string; readonly own: Partial<Record<Name, string>> } {
  const rest = new URL(url);
  const own: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = rest.searchParams.get(name) ?? '';
    if (value !== '') own[name] = value;
    rest.searchParams.delete(name);
  }
  return { address: rest.href, own };
}

function readStore({ text, origin, base }: StoreText, role: Role, store: string): StoreChoice {
  refusePassword(text, origin);
  const choice = readChoice(text, { origin, base, store });
  if (ABLE[role].includes(choice.kind)) return choice;
  throw new CodeloomError('invalid-configuration', `${origin}: ${choice.kind} keeps no ${role === 'graph' ? 'graphs' : role}; possible are ${ABLE[role].join(', ')}.`, { details: { origin, kind: choice.kind, possible: ABLE[role] } });
}

function readChoice(text: string, { origin, base, store }: { readonly origin: string; readonly base: string; readonly store: string }): StoreChoice {
  if (text === 'memory') return { kind: 'memory' };
  if (text === 'sqlite') {
    if (store === 'memory') throw new CodeloomError('invalid-configuration', `${origin}: sqlite needs a folder here: sqlite:<folder>.`, { details: { origin } });
    return { kind: 'sqlite', folder: store };
  }
  const folder = /^sqlite:(.+)$/s.exec(text)?.[1];
  if (folder !== undefined) return { kind: 'sqlite', folder: resolve(base, folder) };
  const [, name = '', parameters = ''] = /^(postgres|postgresql|neo4j)(\?.*)?$/s.exec(text) ?? [];
  const url = name === '' ? addressOf(text, origin) : new URL(`${name}://none${parameters}`);
  switch (url.protocol) {
    case 'postgres:': case 'postgresql:': {
      const { address, own } = splitAddress(url, ['schema', 'tenant']);
      return { kind: 'postgres', ...(name === '' ? { address } : {}), ...own };
    }
    case 'neo4j:': case 'neo4j+s:': case 'neo4j+ssc:': case 'bolt:': case 'bolt+s:': case 'bolt+ssc:': {
      const { address, own } = splitAddress(url, ['database', 'space']);
      return { kind: 'neo4j', ...(name === '' ? { address } : {}), ...own };
    }
    case 's3:': {
      const prefix = decodeURIComponent(url.pathname.replace(/^\/+|\/+$/g, ''));
      const { own } = splitAddress(url, ['endpoint', 'region']);
      if (url.hostname === '') break;
      return { kind: 's3', bucket: url.hostname, ...(prefix === '' ? {} : { prefix }), ...own };
    }
  }
  throw noStore(text, origin);
}

function readCache({ text, origin }: StoreText): string {
  refusePassword(text, origin);
  if (text === 'redis') return '';
  if (/^rediss?:$/.test(addressOf(text, origin).protocol)) return text;
  throw new CodeloomError('invalid-configuration', `${origin}: a cache is redis, or redis://host:port.`, { details: { origin } });
}

function addressOf(text: string, origin: string): URL {
  // What URL says of a text that it cannot read holds the text.
  if (!URL.canParse(text)) throw noStore(text, origin);
  return new URL(text);
}

/** Process lists and files are read by others, and get into logs. A text like an address counts as one even where it cannot be read as one. */
function refusePassword(text: string, origin: string): void {
  const afterScheme = text.slice(text.indexOf('://') + 3);
  const holds = (text.includes('://') && /:.*@/s.test(afterScheme)) || /[?&](password|pass|pwd)=/i.test(text);
  if (!holds) return;
  const name = /^bolt|^neo4j/i.test(text) ? 'NEO4J' : /^redis/i.test(text) ? 'REDIS' : 'POSTGRES';
  const advice = /^s3|^http/i.test(text) ? 'use the variables and files of AWS (AWS_ACCESS_KEY_ID …)'
    : name === 'REDIS' ? 'put the whole address into CODELOOM_REDIS_URL, and write redis here' : `put it into CODELOOM_${name}_PASSWORD, or the whole address into CODELOOM_${name}_URL`;
  throw new CodeloomError('invalid-configuration', `${origin}: a password does not belong here, where others can read it: ${advice}.`, { details: { origin } });
}

/** Repeats no more than the scheme: behind it a password may stand. */
function noStore(text: string, origin: string): CodeloomError {
  const scheme = /^[\w+-]{1,40}/.exec(text)?.[0] ?? '';
  return new CodeloomError('invalid-configuration', `${origin}: ${scheme === '' ? 'this' : `"${scheme}${scheme === text ? '' : '…'}"`} names no store.`, {
    details: { origin, hint: 'Possible are memory, sqlite, sqlite:<folder>, postgres, postgres://host/database, neo4j, neo4j://host, bolt://host and, for facts, s3://bucket/prefix.' },
  });
}

function withParameters(address: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (given.length === 0) return address;
  return `${address}${address.includes('?') ? '&' : '?'}${given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}
