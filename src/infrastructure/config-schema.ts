import { readFileSync } from 'node:fs';
import { parse as parseJsonc, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { CodeloomError } from '../domain/errors.js';

const texts = z.array(z.string().min(1).max(1024)).max(1000);
/** Nobody writes more settings than this. */
const MAX_LENGTH = 1_000_000;
const count = (least: number, most: number): z.ZodNumber => z.int().min(least).max(most);

/** Names a secret, which is `CODELOOM_` and the name as a variable; an address pasted here by mistake is none. */
const secretName = z.string().regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'the name of a secret is expected (such as SLACK_URL), never the secret itself');
const channel = { name: z.string().regex(/^[\w.-]{1,50}$/).optional(), on: z.array(z.enum(['started', 'succeeded', 'failed'])).min(1).optional() };

/** What `codeloom.config.json` may hold; documented in docs/cli.md. */
export const configurationSchema = z.strictObject({
  $schema: z.string().optional(),
  store: z.string().min(1).optional(),
  graphStore: z.string().min(1).optional(),
  metadataStore: z.string().min(1).optional(),
  factStore: z.string().min(1).optional(),
  factCache: z.string().min(1).optional(),
  workers: count(1, 64).optional(),
  languages: texts.optional(),
  include: texts.optional(),
  exclude: texts.optional(),
  maxFileBytes: count(1, 1 << 30).optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  retention: z.strictObject({ days: z.number().min(0).optional(), snapshots: count(1, 1_000_000).optional() }).optional(),
  notifications: z.array(z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('webhook'), ...channel, urlSecret: secretName, signingSecret: secretName.optional() }),
    z.strictObject({ type: z.literal('slack'), ...channel, urlSecret: secretName }),
    z.strictObject({ type: z.literal('teams'), ...channel, urlSecret: secretName }),
    z.strictObject({
      type: z.literal('smtp'), ...channel, host: z.string().min(1), port: count(1, 65_535).optional(), secure: z.boolean().optional(), allowPlain: z.boolean().optional(),
      user: z.string().min(1).optional(), passwordSecret: secretName.optional(), from: z.string().min(1), to: z.array(z.string().min(1)).min(1).max(50),
    }),
  ])).max(20).optional(),
  metricsHost: z.string().min(1).optional(),
  metricsPort: count(0, 65_535).optional(),
  temporal: z.strictObject({
    address: z.string().min(1).optional(), namespace: z.string().min(1).optional(), taskQueue: z.string().min(1).optional(), tls: z.boolean().optional(), serverName: z.string().min(1).optional(),
    searchAttributes: z.boolean().optional(), activities: count(1, 1000).optional(), workflowTasks: count(2, 1000).optional(), cachedWorkflows: count(0, 100_000).optional(),
    shutdownGraceSeconds: count(1, 3600).optional(), fanOutFrom: count(1, 1_000_000).optional(), shardsInFlight: count(1, 64).optional(), heartbeatSeconds: count(2, 300).optional(),
  }).optional(),
  serve: z.strictObject({ host: z.string().min(1).optional(), port: count(0, 65_535).optional(), allow: texts.optional(), branches: texts.optional(), durable: z.boolean().optional() }).optional(),
});

/** Settings as they stand in one place, checked. */
export type Settings = z.infer<typeof configurationSchema>;

const wholeNumber = z.string().regex(/^\d+$/, 'a whole number is expected').transform(Number);
const list = z.string().transform((text) => text.split(',').map((part) => part.trim()).filter((part) => part !== ''));

/** Environment variables and what they set. */
const VARIABLES = {
  CODELOOM_WORKERS: 'workers',
  CODELOOM_LANGUAGES: 'languages',
  CODELOOM_INCLUDE: 'include',
  CODELOOM_EXCLUDE: 'exclude',
  CODELOOM_MAX_FILE_BYTES: 'maxFileBytes',
  CODELOOM_RETENTION_DAYS: 'days',
  CODELOOM_RETENTION_SNAPSHOTS: 'snapshots',
  CODELOOM_LOG_LEVEL: 'logLevel',
  CODELOOM_METRICS_HOST: 'metricsHost',
  CODELOOM_METRICS_PORT: 'metricsPort',
  CODELOOM_SERVE_HOST: 'host',
  CODELOOM_SERVE_PORT: 'port',
  CODELOOM_SERVE_ALLOW: 'allow',
  CODELOOM_SERVE_BRANCHES: 'branches',
  CODELOOM_SERVE_DURABLE: 'durable',
} as const;

/** Reads and checks a configuration file (JSON, comments allowed). Throws `invalid-configuration`. */
export function readConfigurationFile(file: string): Settings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CodeloomError('invalid-configuration', `The configuration file ${file} cannot be read.`, { cause: error, details: { file } });
  }
  return readConfiguration(text, file);
}

/** Checks the text of a configuration file. Throws `invalid-configuration`. */
export function readConfiguration(text: string, file: string): Settings {
  if (text.length > MAX_LENGTH) throw new CodeloomError('invalid-configuration', `${file}: larger than ${MAX_LENGTH} characters.`, { details: { file } });
  const errors: ParseError[] = [];
  let value: unknown;
  try {
    value = parseJsonc(text.replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true });
  } catch (error) {
    // The parser works by recursion.
    throw new CodeloomError('invalid-configuration', `${file}: nested too deeply.`, { cause: error, details: { file } });
  }
  const first = errors[0];
  if (first !== undefined) {
    const line = text.slice(0, first.offset).split('\n').length;
    throw new CodeloomError('invalid-configuration', `${file}:${line}: not valid JSON (${printParseErrorCode(first.error)}).`, { details: { file, line } });
  }
  const parsed = configurationSchema.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error.issues, file);
  return parsed.data;
}

/** Reads and checks the environment. Throws `invalid-configuration`. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.entries(VARIABLES).filter(([variable]) => environment[variable] !== undefined && environment[variable] !== '');
  const values: Record<string, unknown> = {};
  for (const [variable, key] of given) {
    const text = environment[variable];
    const reader = LISTS.has(key) ? list : TEXTS.has(key) ? z.string() : key === 'durable' ? z.stringbool() : wholeNumber;
    const parsed = reader.safeParse(text);
    if (!parsed.success) throw invalid(parsed.error.issues, variable);
    values[key] = parsed.data;
  }
  const parsed = configurationSchema.safeParse(gather(gather(values, 'retention', ['days', 'snapshots']), 'serve', SERVE));
  if (!parsed.success) throw invalid(parsed.error.issues, given.length === 1 ? given[0]?.[0] ?? 'the environment' : 'the environment (CODELOOM_…)');
  return parsed.data;
}

const SERVE: readonly string[] = ['host', 'port', 'allow', 'branches', 'durable'];
const TEXTS: ReadonlySet<string> = new Set(['host', 'logLevel', 'metricsHost']);
const LISTS: ReadonlySet<string> = new Set(['languages', 'include', 'exclude', 'allow', 'branches']);

/** Moves keys into an object of their own under a name, if there are any. */
function gather(values: Readonly<Record<string, unknown>>, name: string, keys: readonly string[]): Record<string, unknown> {
  const [inner, rest] = [true, false].map((chosen) => Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key) === chosen)));
  return inner === undefined || Object.keys(inner).length === 0 ? { ...rest } : { ...rest, [name]: inner };
}

/** The first of the issues in words, with the nearest known key when one is unknown. */
function invalid(issues: readonly z.core.$ZodIssue[], origin: string): CodeloomError {
  const issue = issues[0];
  const at = issue === undefined || issue.path.length === 0 ? '' : `\`${issue.path.join('.')}\`: `;
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const schema = issue.path[0] === 'retention' ? ['days', 'snapshots'] : issue.path[0] === 'serve' ? SERVE : issue.path[0] === 'temporal' ? Object.keys(configurationSchema.shape.temporal.unwrap().shape) : Object.keys(configurationSchema.shape).filter((known) => known !== '$schema');
    const suggestion = closest(key, schema);
    return new CodeloomError('invalid-configuration', `${origin}: ${at}unknown key \`${key}\`. Did you mean \`${suggestion}\`?`, { details: { origin, key, suggestion, known: schema } });
  }
  return new CodeloomError('invalid-configuration', `${origin}: ${at}${issue?.message ?? 'invalid'}.`, { details: { origin, path: issue?.path } });
}
