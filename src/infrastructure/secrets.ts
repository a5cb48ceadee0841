import { createEnvironmentSecrets, type Environment } from '../adapters/secrets/environment.js';
import { createFileSecrets } from '../adapters/secrets/files.js';
import type { SecretProvider } from '../domain/ports/secret-provider.js';

/** Every secret that was given out in this process, to be kept out of logs. */
const given = new Set<string>();

/** Secrets as codeloom finds them when nobody gives another provider: variables, then the files that variables name. */
export function usualSecrets(environment: Environment): SecretProvider {
  const providers = [createEnvironmentSecrets(environment), createFileSecrets(environment)];
  return {
    async secret(name, options) {
      for (const provider of providers) {
        const value = await provider.secret(name, options);
        if (value === undefined) continue;
        if (!IN_THE_OPEN.test(name)) remember(value);
        return value;
      }
      return undefined;
    },
  };
}

/** Users, ids, certificates and addresses of code hosts: what the provider gives along with secrets, and people look for in logs. */
const IN_THE_OPEN = /_USER$|^GITHUB_APP_ID$|^(GITHUB|GITLAB|GITEA)_URL$|_TLS_(CA|CERT)$/;
/** Shorter ones are no secrets, and parts of any text. */
const SHORTEST = 6;

function remember(secret: string): void {
  const parts = [secret, ...secret.split(/\r?\n/)];
  if (URL.canParse(secret)) parts.push(decoded(new URL(secret).password), new URL(secret).password);
  for (const part of parts) {
    for (const spelling of [part, encodeURIComponent(part), Buffer.from(part).toString('base64'), JSON.stringify(part).slice(1, -1)]) if (part.length >= SHORTEST && !/^-----/.test(part)) given.add(spelling);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Takes every secret that was given out in this process out of a text. */
export function hideSecrets(text: string): string {
  let clean = text;
  for (const secret of given) if (clean.includes(secret)) clean = clean.replaceAll(secret, '…');
  return clean;
}
