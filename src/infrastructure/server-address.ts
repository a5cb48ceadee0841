import { CodeloomError } from '../domain/errors.js';
import type { SecretProvider } from '../domain/ports/secret-provider.js';
import { splitAddress, type StoreChoice } from './store-choice.js';

type Choice<Kind extends StoreChoice['kind']> = Extract<StoreChoice, { readonly kind: Kind }>;

export interface PostgresAddress {
  /** With its password: for the driver alone. */
  readonly url: string;
  readonly schema?: string;
  readonly tenant?: string;
}

export interface Neo4jAddress {
  /** Without user and password. */
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly space?: string;
}

/** Puts an address and its secrets together: `POSTGRES_URL`, `POSTGRES_USER`, `POSTGRES_PASSWORD`. Throws `invalid-configuration`. */
export async function postgresAddress(choice: Choice<'postgres'>, secrets: SecretProvider): Promise<PostgresAddress> {
  const { url, own } = await fullAddress('POSTGRES', ['postgres:', 'postgresql:'], choice.address, secrets, ['schema', 'tenant']);
  const { schema = own.schema, tenant = own.tenant } = choice;
  return { url: url.href, ...(schema === undefined ? {} : { schema }), ...(tenant === undefined ? {} : { tenant }) };
}

/** The same for Neo4j: `NEO4J_URL`, `NEO4J_USER`, `NEO4J_PASSWORD`. */
export async function neo4jAddress(choice: Choice<'neo4j'>, secrets: SecretProvider): Promise<Neo4jAddress> {
  const schemes = ['neo4j:', 'neo4j+s:', 'neo4j+ssc:', 'bolt:', 'bolt+s:', 'bolt+ssc:'];
  const { url, own } = await fullAddress('NEO4J', schemes, choice.address, secrets, ['database', 'space']);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  const { database = own.database, space = own.space } = choice;
  return {
    url: url.href, ...(user === '' ? {} : { user }), ...(password === '' ? {} : { password }),
    ...(database === undefined ? {} : { database }), ...(space === undefined ? {} : { space }),
  };
}

/** The address of a cache, with its password. */
export async function redisAddress(cache: string, secrets: SecretProvider): Promise<string> {
  return (await fullAddress('REDIS', ['redis:', 'rediss:'], cache === '' ? undefined : cache, secrets, [])).url.href;
}

async function fullAddress<Name extends string>(
  server: 'POSTGRES' | 'NEO4J' | 'REDIS', schemes: readonly string[], written: string | undefined, secrets: SecretProvider, names: readonly Name[],
): Promise<{ readonly url: URL; readonly own: Partial<Record<Name, string>> }> {
  const text = written ?? await secrets.secret(`${server}_URL`);
  const variable = `CODELOOM_${server}_URL`;
  if (text === undefined) {
    throw new CodeloomError('invalid-configuration', `Where ${NAMES[server]} is, nobody says.`, { details: { variable, hint: `Set ${variable} (or ${variable}_FILE) to ${EXAMPLES[server]}, or name the address in place of the word.` } });
  }
  // Never repeated: it may hold a password.
  if (!URL.canParse(text) || !schemes.includes(new URL(text).protocol)) {
    throw new CodeloomError('invalid-configuration', `${written === undefined ? variable : 'The address'} is no address of ${NAMES[server]}.`, { details: { variable, hint: `Written like ${EXAMPLES[server]}; in a password, write / ? # @ : % as %2F %3F %23 %40 %3A %25, or keep it in CODELOOM_${server}_PASSWORD.` } });
  }
  const { address, own } = splitAddress(new URL(text), names);
  const url = new URL(address);
  const [user, password] = [await secrets.secret(`${server}_USER`), await secrets.secret(`${server}_PASSWORD`)];
  if (url.username === '' && user !== undefined) url.username = encodeURIComponent(user);
  if (url.password === '' && password !== undefined) url.password = encodeURIComponent(password);
  return { url, own };
}

const NAMES = { POSTGRES: 'PostgreSQL', NEO4J: 'Neo4j', REDIS: 'Redis' } as const;
const EXAMPLES = { POSTGRES: 'postgres://user:password@host:5432/database', NEO4J: 'neo4j://user:password@host:7687', REDIS: 'redis://user:password@host:6379' } as const;
