import type { SecretProvider } from '../../domain/ports/secret-provider.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Secrets in environment variables: `POSTGRES_PASSWORD` is `CODELOOM_POSTGRES_PASSWORD`. An empty variable is none. */
export function createEnvironmentSecrets(environment: Environment): SecretProvider {
  return {
    async secret(name) {
      const value = environment[`CODELOOM_${name}`];
      return value === '' ? undefined : value;
    },
  };
}
