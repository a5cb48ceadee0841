import { CodeloomError } from '../domain/errors.js';
import type { HostEvent } from '../domain/host-event.js';
import { hostedRepositoryId, type HostedRepository } from '../domain/hosted-repository.js';
import type { CallOptions } from '../domain/ports/call-options.js';
import type { CodeHost } from '../domain/ports/code-host.js';
import type { RunStarter } from '../domain/ports/run-starter.js';

export interface ReceivePorts {
  readonly codeHost: CodeHost;
  readonly runs: RunStarter;
  /** Whether a branch of a repository may be indexed. Asked with what the host says of it, before any work starts. */
  readonly authorize: (request: AuthorizeRequest, options: CallOptions) => boolean | Promise<boolean>;
}

export interface AuthorizeRequest {
  /** Of which host: `github.com`. */
  readonly host: string;
  readonly repository: HostedRepository;
  readonly branch: string;
}

/** What became of an event; the counts are of branches. */
export interface Received {
  readonly started: number;
  /** A run that waits, or is under way, stands for it. */
  readonly coalesced: number;
  readonly retired: number;
  readonly ignored: readonly Ignored[];
}

export interface Ignored {
  /** The repository's id at its host, or the event's name for `event`. */
  readonly what: string;
  readonly reason: 'event' | 'not-authorized' | 'archived' | 'empty' | 'unseen' | 'still-there';
}

/**
 * Lets work follow from what a code host says: runs are asked for, one for several pushes, or retired. The repository's name, clone address, default branch and the
 * branch's head come from the host's own answers, so that a forged or outdated event does no more than have them looked up. Errors: those of CodeHost and RunStarter;
 * a repository that cannot be seen (any more) is none, and its work is retired.
 */
export async function receiveHostEvent(ports: ReceivePorts, event: HostEvent, options: CallOptions = {}): Promise<Received> {
  const { codeHost, runs } = ports;
  const retire = async (id: string, branch?: string): Promise<Received> => {
    const { retired } = await runs.retire({ repositoryId: hostedRepositoryId(codeHost.host, id), ...(branch === undefined ? {} : { branch }) }, options);
    return { ...NOTHING, retired };
  };
  switch (event.kind) {
    case 'other': return ignored(event.name, 'event');
    case 'withdrawn': return inTurn(event.repositories, (id) => retire(id));
    case 'ended': {
      const repository = await look(codeHost, event.repository, event.installation, options);
      if (repository === 'empty') return retire(event.repository);
      return repository === undefined || repository.archived ? retire(event.repository) : ignored(event.repository, 'still-there');
    }
    case 'changed': return inTurn(event.repositories, async (id) => {
      const repository = await look(codeHost, id, event.installation, options);
      if (repository === 'empty') return ignored(id, 'empty');
      if (repository === undefined) return seenNoMore(await retire(id), id);
      return start(ports, { repository, branch: repository.defaultBranch, id }, options, retire);
    });
    case 'pushed': {
      const repository = await look(codeHost, event.repository, event.installation, options);
      if (repository === 'empty') return ignored(event.repository, 'empty');
      if (repository === undefined) return seenNoMore(await retire(event.repository), event.repository);
      return start(ports, { repository, branch: event.branch, id: event.repository }, options, retire);
    }
  }
}

const NOTHING: Received = { started: 0, coalesced: 0, retired: 0, ignored: [] };

interface StartRequest {
  readonly repository: HostedRepository;
  readonly branch: string;
  /** The host's own. */
  readonly id: string;
}

async function start(
  { codeHost, runs, authorize }: ReceivePorts, { repository, branch, id }: StartRequest, options: CallOptions, retire: (id: string, branch?: string) => Promise<Received>,
): Promise<Received> {
  if (repository.archived) return { ...await retire(id), ignored: [{ what: id, reason: 'archived' }] };
  if (!await authorize({ host: codeHost.host, repository, branch }, options)) return ignored(id, 'not-authorized');
  const commit = await codeHost.branchHead(repository, branch, options);
  // The push that deleted it, or one that it has overtaken.
  if (commit === undefined) return retire(id, branch);
  const { status } = await runs.push({ repository, branch, commit }, options);
  return status === 'started' ? { ...NOTHING, started: 1 } : { ...NOTHING, coalesced: 1 };
}

/** Undefined when the host does not know it, or does not show it to us. */
async function look(codeHost: CodeHost, id: string, installation: string | undefined, options: CallOptions): Promise<HostedRepository | 'empty' | undefined> {
  try {
    return await codeHost.repository({ id, ...(installation === undefined ? {} : { installation }) }, options);
  } catch (error) {
    if (!(error instanceof CodeloomError)) throw error;
    if (error.code === 'empty-repository') return 'empty';
    if (error.code === 'repository-not-found') return undefined;
    throw error;
  }
}

function ignored(what: string, reason: Ignored['reason']): Received {
  return { ...NOTHING, ignored: [{ what, reason }] };
}

function seenNoMore(retired: Received, id: string): Received {
  return { ...retired, ignored: [{ what: id, reason: 'unseen' }] };
}

/** One after the other: an installation may bring hundreds, and the host counts requests. One that fails leaves the others alone, and is told at the end. */
async function inTurn(ids: readonly string[], work: (id: string) => Promise<Received>): Promise<Received> {
  let sum = NOTHING;
  let failure: unknown;
  for (const id of new Set(ids)) {
    try {
      const { started, coalesced, retired, ignored: left } = await work(id);
      sum = { started: sum.started + started, coalesced: sum.coalesced + coalesced, retired: sum.retired + retired, ignored: [...sum.ignored, ...left] };
    } catch (error) {
      failure ??= error;
      if (CodeloomError.from(error).code === 'aborted') break;
    }
  }
  if (failure !== undefined) throw failure;
  return sum;
}
