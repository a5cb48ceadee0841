import { createEnvironmentSecrets, type Environment } from '../adapters/secrets/environment.js';
import { createFileSecrets } from '../adapters/secrets/files.js';
import type { SecretProvider } from '../domain/ports/secret-provider.js';

/** Secrets as codeloom finds them when nobody gives another provider: variables, then the files that variables name. */
export function usualSecrets(environment: Environment): SecretProvider {
  const providers = [createEnvironmentSecrets(environment), createFileSecrets(environment)];
  return {
    async secret(name, options) {
      for (const provider of providers) {
        const value = await provider.secret(name, options);
        if (value !== undefined) return value;
      }
      return undefined;
    },
  };
}
