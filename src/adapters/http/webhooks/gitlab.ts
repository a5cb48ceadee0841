import { z } from 'zod';
import { branchOf, isSameText, type WebhookSource } from './source.js';

const pushSchema = z.object({ ref: z.string().max(2000), project_id: z.int().positive().transform(String) });
const systemSchema = z.object({ event_name: z.string(), project_id: z.int().positive().transform(String).optional() });

/**
 * Webhooks of GitLab projects and groups, and its system hooks: https://docs.gitlab.com/user/project/integrations/webhooks. GitLab sends its secret along, rather than
 * signing with it.
 */
export const gitlabWebhooks: WebhookSource = {
  verify: ({ headers }, secret) => isSameText(headers.get('x-gitlab-token') ?? '', secret),
  delivery: (headers) => headers.get('idempotency-key') ?? headers.get('x-gitlab-event-uuid') ?? undefined,
  read(headers, payload) {
    const name = headers.get('x-gitlab-event') ?? '';
    const system = name === 'System Hook' ? systemSchema.safeParse(payload).data : undefined;
    if (name === 'System Hook' && system === undefined) return { kind: 'other', name };
    if (name === 'Push Hook' || system?.event_name === 'push') {
      const { data } = pushSchema.safeParse(payload);
      if (data === undefined) return undefined;
      const branch = branchOf(data.ref);
      return branch === undefined ? { kind: 'other', name: 'push of a tag' } : { kind: 'pushed', repository: data.project_id, branch };
    }
    if (system?.project_id === undefined) return { kind: 'other', name: (system?.event_name ?? name).slice(0, 100) };
    switch (system.event_name) {
      case 'project_rename': case 'project_transfer': case 'project_update': return { kind: 'changed', repositories: [system.project_id] };
      case 'project_destroy': return { kind: 'ended', repository: system.project_id };
      default: return { kind: 'other', name: system.event_name.slice(0, 100) };
    }
  },
};
