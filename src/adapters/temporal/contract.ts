import { z } from 'zod';
import { CodeloomError } from '../../domain/errors.js';
import type { IndexOutcome } from '../../use-cases/index-repository.js';
import type { IndexRequest } from '../../use-cases/steps.js';

// What is on the wire, for clients in any language. Names stay as they are; a field may be added, never changed.

export const WORKFLOW = 'RepoIndexingWorkflow';
export const SHARD_WORKFLOW = 'RepoExtractionWorkflow';
/** What a schedule starts. */
export const RECONCILIATION_WORKFLOW = 'RepoReconciliationWorkflow';
export const TASK_QUEUE = 'repo-indexing-queue';

/** Signals and queries of {@link WORKFLOW}. */
export const SIGNALS = { pause: 'pause', resume: 'resume', push: 'push' } as const;
export const QUERIES = { progress: 'progress', summary: 'summary' } as const;

/** Search attributes, all of type Keyword: set when the input's options ask for it. */
export const SEARCH_ATTRIBUTES = { repository: 'CodeloomRepository', branch: 'CodeloomBranch', commit: 'CodeloomCommit', status: 'CodeloomStatus' } as const;

/** What a run's options are when it says nothing: see {@link optionsSchema}. */
export const DEFAULTS = { heartbeatSeconds: 30, fanOutFrom: 2000, shardsInFlight: 8 } as const;

const id = z.union([z.string().min(1).max(500), z.number().int()]);
const globs = z.array(z.string().min(1).max(1024)).max(1000);

/** A URL, or `user@host:path`; never a path, which another worker would not find, and never a password, which everybody sees who sees the run. */
const remote = z.string().min(1).max(2000)
  .refine((text) => /^[a-z][a-z0-9+.-]*:\/\/[^\s]+$/i.test(text) || /^[^/\s:@]+@[^/\s:@]+:[^\s]+$/.test(text), 'a URL, or user@host:path, is expected')
  .refine((text) => !/^[a-z][a-z0-9+.-]*:\/\/[^/]*:[^/]*@/i.test(text), 'a password does not belong into a URL that is kept with the run')
  .refine((text) => !/^https?:\/\/[^/]*@/i.test(text), 'a token does not belong into a URL that is kept with the run');

const optionsSchema = z.object({
  languages: z.array(z.string().min(1).max(100)).max(100).optional(),
  include: globs.optional(),
  exclude: globs.optional(),
  max_file_bytes: z.number().int().min(1).max(1 << 30).optional(),
  retention: z.object({ days: z.number().min(0), snapshots: z.number().int().min(1) }).optional(),
  /** Whether {@link SEARCH_ATTRIBUTES} are declared on the server, and to be set. */
  search_attributes: z.boolean().optional(),
  /** From how many contents without facts on extraction is shared out; default 2000. */
  fan_out_from: z.number().int().min(1).max(1_000_000).optional(),
  /** How many shards are worked on at once; default 8. */
  shards_in_flight: z.number().int().min(1).max(64).optional(),
  /** So long a worker may be silent before its step is given to another; default 30. */
  heartbeat_seconds: z.number().int().min(2).max(300).optional(),
});

/** What the workflow is started with. Unknown fields are left alone, so that an older worker takes what a newer client says. */
export const runInputSchema = z.object({
  installation_id: id.nullish(),
  /** `owner/name`: what the repository is called in the result. */
  github_repo_name: z.string().min(1).max(500),
  repo_id: id,
  default_branch: z.string().min(1).max(500),
  repo_url: remote,
  /** A commit of the branch to index in place of its newest. */
  commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, '40 or 64 hexadecimal digits are expected').optional(),
  options: optionsSchema.optional(),
});

/** See {@link runInputSchema}. */
export type RunInput = z.infer<typeof runInputSchema>;

/** What the workflow ends with. */
export interface RunResult {
  readonly status: 'success';
  /** `github_repo_name` of the input. */
  readonly repo: string;
  /** The commit that was indexed. */
  readonly commit_sha: string | null;
  readonly stats: {
    readonly total_symbols: number;
    readonly indexed_files: number;
    readonly skipped_files: number;
    readonly total_edges: number;
    readonly parsed_files: number;
    readonly reused_files: number;
    readonly diagnostics: number;
  };
  readonly stale_nodes_deleted: number;
  /** False when the branch's head was this state already. */
  readonly changed: boolean;
  readonly run_id: string;
  readonly snapshot_id: string;
  /** Equal for equal graphs. */
  readonly digest: string;
  readonly notes: readonly string[];
}

/** Of a run of the branch there is one at a time: it is found by this id. */
export function workflowId({ repo_id, default_branch }: Pick<RunInput, 'repo_id' | 'default_branch'>): string {
  return `repo-index-${repo_id}-${default_branch}`;
}

/** Checks what a run is started with. Throws `invalid-argument`, naming the field. */
export function readRunInput(value: unknown): RunInput {
  return checked(runInputSchema, value, 'The input');
}

/** Checks a value from the wire. Throws `invalid-argument` with the field that is wrong, and never with its value. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  throw new CodeloomError('invalid-argument', `${what} of the run is not as agreed${path === '' ? '' : `, in \`${path}\``}: ${issue?.message ?? 'invalid'}.`, { details: { path } });
}

/** What indexing is asked for, by a run's input. */
export function indexRequest({ repo_url, default_branch, commit, options = {} }: RunInput): IndexRequest {
  return {
    location: repo_url, ref: commit ?? default_branch, branch: default_branch,
    languages: options.languages, include: options.include, exclude: options.exclude, maxFileBytes: options.max_file_bytes, retention: options.retention,
  };
}

export function runResult(input: RunInput, outcome: IndexOutcome, staleNodes: number): RunResult {
  const { snapshot, counts, run, status, diagnostics, notes } = outcome;
  return {
    status: 'success', repo: input.github_repo_name, commit_sha: snapshot.commit ?? null,
    stats: {
      total_symbols: snapshot.stats.symbols, indexed_files: snapshot.stats.files, skipped_files: counts.skipped,
      total_edges: Object.values(snapshot.stats.edges).reduce((sum: number, count) => sum + (count ?? 0), 0),
      parsed_files: counts.parsed, reused_files: counts.reused, diagnostics,
    },
    stale_nodes_deleted: staleNodes, changed: status === 'indexed', run_id: run, snapshot_id: snapshot.id, digest: snapshot.digest, notes,
  };
}
