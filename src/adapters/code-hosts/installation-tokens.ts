import { z } from 'zod';
import { CodeloomError } from '../../domain/errors.js';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { Clock } from '../../domain/ports/clock.js';
import { ask, type HttpApi } from './http-api.js';
import { createSharedFlights } from './shared-flight.js';

export interface InstallationToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** Tokens of a GitHub App's installations, in the memory of this process only. */
export interface InstallationTokens {
  /**
   * A token that is good for a minute at least; of several who ask at once, one request is made. Errors: those of {@link HttpApi.send}; an installation that is not
   * there (any more) is `authentication-failed`.
   */
  token(installation: string, options?: CallOptions): Promise<InstallationToken>;
  /** Forgets a token that was refused. */
  forget(installation: string, token: string): void;
}

export interface InstallationTokensOptions {
  readonly api: HttpApi;
  readonly host: string;
  /** Headers with which the App speaks for itself. */
  readonly asApp: () => Promise<Readonly<Record<string, string>>>;
  readonly clock: Clock;
}

/** One is asked for anew when it is good for less. */
const MARGIN_MS = 60_000;
/** Installations that are remembered; the one that was put in first goes first. */
const MOST = 1000;
/** All that reading a repository takes. */
const PERMISSIONS = { contents: 'read', metadata: 'read' } as const;

const answerSchema = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) });

export function createInstallationTokens({ api, host, asApp, clock }: InstallationTokensOptions): InstallationTokens {
  const known = new Map<string, InstallationToken>();
  const once = createSharedFlights<InstallationToken>();

  async function request(installation: string, signal: AbortSignal): Promise<InstallationToken> {
    const about = `a token of installation ${installation}`;
    const path = `/app/installations/${encodeURIComponent(installation)}/access_tokens`;
    const answer = await ask(api, host, answerSchema, { method: 'POST', path, about, headers: await asApp(), body: { permissions: PERMISSIONS }, signal }).catch((error: unknown) => {
      throw explained(CodeloomError.from(error), installation, host);
    });
    const token = { token: answer.token, expiresAt: new Date(answer.expires_at) };
    known.delete(installation);
    known.set(installation, token);
    for (const oldest of known.keys()) {
      if (known.size <= MOST) break;
      known.delete(oldest);
    }
    return token;
  }

  return {
    async token(installation, options) {
      const kept = known.get(installation);
      if (kept !== undefined && kept.expiresAt.getTime() - clock.now().getTime() > MARGIN_MS) return kept;
      return once(installation, (signal) => request(installation, signal), options?.signal);
    },
    forget(installation, token) {
      if (known.get(installation)?.token === token) known.delete(installation);
    },
  };
}

function explained(error: CodeloomError, installation: string, host: string): CodeloomError {
  const details = { ...error.details, installation };
  if (error.code === 'repository-not-found') return new CodeloomError('authentication-failed', `${host} knows no installation ${installation} of this GitHub App: it was removed, or is another App's.`, { cause: error, details });
  if (error.code === 'invalid-argument') return new CodeloomError('permission-denied', `Installation ${installation} of the GitHub App may not read contents: give the App the permission "Contents: Read-only".`, { cause: error, details });
  return error;
}
