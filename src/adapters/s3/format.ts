import { CodeloomError } from '../../domain/errors.js';
import type { Bucket } from './bucket.js';
import { createQueue } from './in-parallel.js';

const FORMAT = 'codeloom facts 1\n';

/** The object that says how everything beside it is to be read. */
export interface FormatCheck {
  /** `store-too-new` when it is another version's. */
  check(signal: AbortSignal | undefined): Promise<void>;
  /** Makes one where there is none. `invalid-configuration` when the server overwrites what it was told to make only if it is not there. */
  makeSure(signal: AbortSignal | undefined): Promise<void>;
}

export function createFormatCheck(bucket: Bucket, name: string): FormatCheck {
  let known = false;
  const exclusive = createQueue();
  const expected = new TextEncoder().encode(FORMAT);

  async function isThere(signal: AbortSignal | undefined): Promise<boolean> {
    if (known) return true;
    const bytes = await bucket.read(name, signal);
    if (bytes === undefined) return false;
    if (Buffer.compare(bytes, expected) !== 0) throw new CodeloomError('store-too-new', `${name} is not of this version of codeloom. Use a newer one, or another prefix.`, { details: { name } });
    return known = true;
  }

  return {
    async check(signal) {
      await isThere(signal);
    },
    makeSure: (signal) => known ? Promise.resolve() : exclusive(signal, async () => {
      if (await isThere(signal)) return;
      await bucket.create(name, expected, signal);
      // Everything rests on this, and there are servers that do not know it and say nothing.
      if (await bucket.create(name, expected, signal)) {
        throw new CodeloomError('invalid-configuration', 'The server of the bucket ignores If-None-Match: *, without which workers would overwrite each other. Update it, or use another.');
      }
      await isThere(signal);
    }),
  };
}
