import { z } from 'zod';
import { branchOf, isSignature, type WebhookSource } from './source.js';

const repository = z.object({ id: z.int().positive().transform(String) });
const pushSchema = z.object({ ref: z.string().max(2000), repository });
const repositorySchema = z.object({ action: z.string(), repository });

/** Webhooks of Gitea, and of Forgejo, which sends the same headers: https://docs.gitea.com/usage/webhooks. */
export const giteaWebhooks: WebhookSource = {
  verify: (message, secret) => isSignature(message.headers.get('x-gitea-signature') ?? '', message, secret),
  delivery: (headers) => headers.get('x-gitea-delivery') ?? undefined,
  read(headers, payload) {
    const name = headers.get('x-gitea-event') ?? '';
    if (name === 'push') {
      const { data } = pushSchema.safeParse(payload);
      if (data === undefined) return undefined;
      const branch = branchOf(data.ref);
      return branch === undefined ? { kind: 'other', name: 'push of a tag' } : { kind: 'pushed', repository: data.repository.id, branch };
    }
    if (name === 'repository') {
      const { data } = repositorySchema.safeParse(payload);
      if (data === undefined) return undefined;
      return data.action === 'deleted' ? { kind: 'ended', repository: data.repository.id } : { kind: 'other', name: `repository ${data.action}`.slice(0, 100) };
    }
    return { kind: 'other', name: name.slice(0, 100) };
  },
};
