import { readFile, stat } from 'node:fs/promises';
import { CodeloomError, throwIfAborted } from '../../domain/errors.js';
import type { SecretProvider } from '../../domain/ports/secret-provider.js';
import type { Environment } from './environment.js';

/** No password or address is longer; a file that is was named by mistake. */
const MAX_BYTES = 64 * 1024;

/**
 * Secrets in files, as Docker and Kubernetes mount them: `POSTGRES_PASSWORD` is what the file holds that `CODELOOM_POSTGRES_PASSWORD_FILE` names, without the line break
 * at its end. It is read each time, so that a secret that was changed is found. Throws `invalid-configuration` for a file that cannot be read.
 */
export function createFileSecrets(environment: Environment): SecretProvider {
  return {
    async secret(name, options) {
      throwIfAborted(options?.signal);
      const variable = `CODELOOM_${name}_FILE`;
      const file = environment[variable] ?? '';
      if (file === '') return undefined;
      const text = await readSecret(file).catch((error: unknown) => {
        // The cause is a file system's, and says no more than its code: nothing of the content.
        throw new CodeloomError('invalid-configuration', `${variable}: the file ${file} cannot be read.`, { cause: error, details: { variable, file } });
      });
      if (text === undefined) throw new CodeloomError('invalid-configuration', `${variable}: ${file} is no file with a secret: it is larger than ${MAX_BYTES} bytes, or no file at all.`, { details: { variable, file } });
      return text === '' ? undefined : text;
    },
  };
}

async function readSecret(file: string): Promise<string | undefined> {
  const found = await stat(file);
  // Kubernetes mounts a link to a file; a pipe, as a shell's <(…) makes, is welcome too.
  if (found.isDirectory() || found.size > MAX_BYTES) return undefined;
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
}
