import { beforeEach, describe, expect, it } from 'vitest';
import { CodeloomError, type ErrorCode } from '../../src/domain/errors.js';
import type { HostEvent } from '../../src/domain/host-event.js';
import type { HostedRepository, PushedBranch } from '../../src/domain/hosted-repository.js';
import type { CodeHost } from '../../src/domain/ports/code-host.js';
import type { RunStarter, RunTarget } from '../../src/domain/ports/run-starter.js';
import { receiveHostEvent, type AuthorizeRequest } from '../../src/use-cases/receive-host-event.js';

const COMMIT = 'c'.repeat(40);

describe('what a code host says', () => {
  let known: Map<string, HostedRepository | ErrorCode>;
  let branches: Set<string>;
  let asked: string[];
  let pushes: PushedBranch[];
  let retirements: RunTarget[];
  let allowed: (request: AuthorizeRequest) => boolean;

  beforeEach(() => {
    known = new Map([['17', repository('17', 'acme/app')], ['18', repository('18', 'acme/lib')]]);
    branches = new Set(['main', 'dev']);
    asked = [];
    pushes = [];
    retirements = [];
    allowed = () => true;
  });

  const codeHost: CodeHost = {
    host: 'git.example',
    async repository(which) {
      const id = 'id' in which ? which.id : which.name;
      asked.push(`${id}${which.installation === undefined ? '' : ` through ${which.installation}`}`);
      const found = known.get(id) ?? 'repository-not-found';
      if (typeof found === 'string') throw new CodeloomError(found, 'no');
      return found;
    },
    whoAmI: async () => 'somebody',
    branchHead: async (_, branch) => (branches.has(branch) ? COMMIT : undefined),
  };
  const runs: RunStarter = {
    async push(request) {
      pushes.push(request);
      return { status: pushes.length > 1 ? 'coalesced' : 'started' };
    },
    async retire(target) {
      retirements.push(target);
      return { retired: 1 };
    },
    close: async () => undefined,
  };
  const receive = (event: HostEvent) => receiveHostEvent({ codeHost, runs, authorize: (request) => allowed(request) }, event);
  const nothing = { started: 0, coalesced: 0, retired: 0, ignored: [] };

  it('of a push starts a run of the branch as the host now has it', async () => {
    expect(await receive({ kind: 'pushed', repository: '17', branch: 'dev', installation: '9' })).toEqual({ ...nothing, started: 1 });
    expect(asked).toEqual(['17 through 9']);
    expect(pushes).toEqual([{ repository: repository('17', 'acme/app'), branch: 'dev', commit: COMMIT }]);
    expect(await receive({ kind: 'pushed', repository: '17', branch: 'dev' })).toEqual({ ...nothing, coalesced: 1 });
  });

  it('of a push that deleted the branch retires its runs', async () => {
    expect(await receive({ kind: 'pushed', repository: '17', branch: 'gone' })).toEqual({ ...nothing, retired: 1 });
    expect(retirements).toEqual([{ repositoryId: 'git.example-17', branch: 'gone' }]);
    expect(pushes).toEqual([]);
  });

  it('is ignored where it is not authorized; who decides is told what the host says', async () => {
    const told: AuthorizeRequest[] = [];
    allowed = (request) => { told.push(request); return false; };
    expect(await receive({ kind: 'pushed', repository: '17', branch: 'dev' })).toEqual({ ...nothing, ignored: [{ what: '17', reason: 'not-authorized' }] });
    expect(told).toEqual([{ host: 'git.example', repository: repository('17', 'acme/app'), branch: 'dev' }]);
    expect(pushes).toEqual([]);
  });

  it.each(['pushed', 'changed'] as const)('%s of what we cannot see (any more) retires it', async (kind) => {
    const event: HostEvent = kind === 'pushed' ? { kind, repository: '99', branch: 'main' } : { kind, repositories: ['99'] };
    expect(await receive(event)).toEqual({ ...nothing, retired: 1, ignored: [{ what: '99', reason: 'unseen' }] });
    expect(retirements).toEqual([{ repositoryId: 'git.example-99' }]);
  });

  it('of a renamed or transferred repository starts its default branch under the name it has now', async () => {
    known.set('17', repository('17', 'globex/app2'));
    await receive({ kind: 'changed', repositories: ['17'] });
    expect(pushes).toMatchObject([{ repository: { name: 'globex/app2' }, branch: 'main' }]);
  });

  it('of an installation starts each of its repositories, each once', async () => {
    expect(await receive({ kind: 'changed', repositories: ['17', '18', '17'], installation: '9' })).toEqual({ ...nothing, started: 1, coalesced: 1 });
    expect(asked).toEqual(['17 through 9', '18 through 9']);
  });

  it('of several fails for the one that fails, after the others were acted on', async () => {
    known.set('17', 'network');
    await expect(receive({ kind: 'changed', repositories: ['17', '18'] })).rejects.toMatchObject({ code: 'network' });
    expect(pushes).toMatchObject([{ repository: { name: 'acme/lib' } }]);
  });

  it('of a deleted or archived repository retires it, if that is so', async () => {
    expect(await receive({ kind: 'ended', repository: '17' })).toEqual({ ...nothing, ignored: [{ what: '17', reason: 'still-there' }] });
    expect(retirements).toEqual([]);
    known.set('17', { ...repository('17', 'acme/app'), archived: true });
    known.delete('18');
    expect(await receive({ kind: 'ended', repository: '17' })).toEqual({ ...nothing, retired: 1 });
    expect(await receive({ kind: 'ended', repository: '18' })).toEqual({ ...nothing, retired: 1 });
    expect(retirements).toEqual([{ repositoryId: 'git.example-17' }, { repositoryId: 'git.example-18' }]);
  });

  it('of a push to what is archived starts nothing', async () => {
    known.set('17', { ...repository('17', 'acme/app'), archived: true });
    expect(await receive({ kind: 'pushed', repository: '17', branch: 'main' })).toEqual({ ...nothing, retired: 1, ignored: [{ what: '17', reason: 'archived' }] });
    expect(pushes).toEqual([]);
  });

  it('of an empty repository starts nothing', async () => {
    known.set('17', 'empty-repository');
    expect(await receive({ kind: 'changed', repositories: ['17'] })).toEqual({ ...nothing, ignored: [{ what: '17', reason: 'empty' }] });
  });

  it('of what was withdrawn retires it without asking', async () => {
    expect(await receive({ kind: 'withdrawn', repositories: ['17', '18'] })).toEqual({ ...nothing, retired: 2 });
    expect(asked).toEqual([]);
  });

  it('of anything else is left alone', async () => {
    expect(await receive({ kind: 'other', name: 'ping' })).toEqual({ ...nothing, ignored: [{ what: 'ping', reason: 'event' }] });
    expect(asked).toEqual([]);
  });

  it.each(['network', 'rate-limited', 'authentication-failed', 'permission-denied'] as const)('fails with %s when the host does, and touches nothing', async (code) => {
    known.set('17', code);
    for (const event of [{ kind: 'pushed', repository: '17', branch: 'main' }, { kind: 'ended', repository: '17' }] as const) await expect(receive(event)).rejects.toMatchObject({ code });
    expect([pushes, retirements]).toEqual([[], []]);
  });
});

function repository(id: string, name: string): HostedRepository {
  return { id: `git.example-${id}`, name, location: `https://git.example/${name}.git`, defaultBranch: 'main', archived: false };
}
