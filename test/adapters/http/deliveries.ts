import { createHmac } from 'node:crypto';
import { secret } from '../../secrets/watch.js';

export const SECRET = secret('a long webhook secret');

export interface Delivery {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: string;
}

const hmac = (body: string, secret: string): string => createHmac('sha256', secret).update(body).digest('hex');

/** Deliveries as the hosts send them. */
export function fromGitHub(event: string, payload: object, { id = 'd-1', secret = SECRET }: { readonly id?: string; readonly secret?: string } = {}): Delivery {
  const body = JSON.stringify(payload);
  return { method: 'POST', body, headers: { 'Content-Type': 'application/json', 'User-Agent': 'GitHub-Hookshot/1', 'X-GitHub-Event': event, 'X-GitHub-Delivery': id, 'X-Hub-Signature-256': `sha256=${hmac(body, secret)}` } };
}

export function fromGitLab(event: string, payload: object, { id = 'd-1', secret = SECRET }: { readonly id?: string; readonly secret?: string } = {}): Delivery {
  return { method: 'POST', body: JSON.stringify(payload), headers: { 'Content-Type': 'application/json', 'X-Gitlab-Event': event, 'Idempotency-Key': id, 'X-Gitlab-Token': secret } };
}

export function fromGitea(event: string, payload: object, { id = 'd-1', secret = SECRET }: { readonly id?: string; readonly secret?: string } = {}): Delivery {
  const body = JSON.stringify(payload);
  return { method: 'POST', body, headers: { 'Content-Type': 'application/json', 'X-Gitea-Event': event, 'X-Gitea-Delivery': id, 'X-Gitea-Signature': hmac(body, secret) } };
}

/** A push as GitHub tells of it, with much that nobody should believe. */
export function githubPush({ id = 17, branch = 'main', installation = 99 }: { readonly id?: number; readonly branch?: string; readonly installation?: number } = {}): object {
  return {
    ref: `refs/heads/${branch}`, before: 'a'.repeat(40), after: 'f'.repeat(40),
    repository: { id, full_name: 'evil/elsewhere', clone_url: 'https://evil.example/elsewhere.git', default_branch: 'evil', ssh_url: 'ext::sh -c evil', private: false },
    installation: { id: installation }, commits: [], pusher: { name: 'somebody' },
  };
}
