import { z } from 'zod';
import type { HostEvent } from '../../../domain/host-event.js';
import { branchOf, isSignature, type WebhookSource } from './source.js';

const id = z.int().positive().transform(String);
const repository = z.object({ id });
const installation = z.object({ id }).transform((each) => each.id).nullish();

const pushSchema = z.object({ ref: z.string().max(2000), repository, installation });
const repositorySchema = z.object({ action: z.string(), repository, installation, changes: z.record(z.string(), z.unknown()).nullish() });
const repositories = z.array(repository).max(10_000).nullish().transform((list) => (list ?? []).map((each) => each.id));
const installationSchema = z.object({ action: z.string(), installation: z.object({ id }), repositories });
const installationRepositoriesSchema = z.object({ action: z.string(), installation: z.object({ id }), repositories_added: repositories, repositories_removed: repositories });

/** Webhooks of GitHub and of GitHub Apps: https://docs.github.com/webhooks/webhook-events-and-payloads. */
export const githubWebhooks: WebhookSource = {
  verify: (message, secret) => isSignature((message.headers.get('x-hub-signature-256') ?? '').replace(/^sha256=/, ''), message, secret),
  delivery: (headers) => headers.get('x-github-delivery') ?? undefined,
  read(headers, payload) {
    const name = headers.get('x-github-event') ?? '';
    switch (name) {
      case 'push': return readPush(payload);
      case 'repository': return readRepository(payload);
      case 'installation': return readInstallation(payload);
      case 'installation_repositories': return readInstallationRepositories(payload);
      default: return { kind: 'other', name: name.slice(0, 100) };
    }
  },
};

function readPush(payload: unknown): HostEvent | undefined {
  const { data } = pushSchema.safeParse(payload);
  if (data === undefined) return undefined;
  const branch = branchOf(data.ref);
  return branch === undefined ? { kind: 'other', name: 'push of a tag' } : { kind: 'pushed', repository: data.repository.id, branch, ...through(data.installation) };
}

function readRepository(payload: unknown): HostEvent | undefined {
  const { data } = repositorySchema.safeParse(payload);
  if (data === undefined) return undefined;
  const { action, changes } = data;
  switch (action) {
    case 'renamed': case 'transferred': case 'unarchived': return { kind: 'changed', repositories: [data.repository.id], ...through(data.installation) };
    case 'edited': return changes?.['default_branch'] === undefined ? { kind: 'other', name: 'repository edited' } : { kind: 'changed', repositories: [data.repository.id], ...through(data.installation) };
    case 'deleted': case 'archived': return { kind: 'ended', repository: data.repository.id, ...through(data.installation) };
    default: return { kind: 'other', name: `repository ${action}`.slice(0, 100) };
  }
}

function readInstallation(payload: unknown): HostEvent | undefined {
  const { data } = installationSchema.safeParse(payload);
  if (data === undefined) return undefined;
  switch (data.action) {
    case 'created': case 'unsuspend': case 'new_permissions_accepted': return { kind: 'changed', repositories: data.repositories, installation: data.installation.id };
    case 'deleted': case 'suspend': return { kind: 'withdrawn', repositories: data.repositories };
    default: return { kind: 'other', name: `installation ${data.action}`.slice(0, 100) };
  }
}

function readInstallationRepositories(payload: unknown): HostEvent | undefined {
  const { data } = installationRepositoriesSchema.safeParse(payload);
  if (data === undefined) return undefined;
  return data.action === 'removed' ? { kind: 'withdrawn', repositories: data.repositories_removed } : { kind: 'changed', repositories: data.repositories_added, installation: data.installation.id };
}

function through(installed: string | null | undefined): { readonly installation?: string } {
  return typeof installed === 'string' ? { installation: installed } : {};
}
