import { CodeloomError } from './errors.js';
import { FACTS_FORMAT, type FileFacts } from './file-facts.js';
import { packValue, unpackValue } from './packed-value.js';

/** Facts as bytes: equal facts, built in the same order, give equal bytes. See packed-value.ts for how. */
export function encodeFacts(facts: FileFacts): Uint8Array<ArrayBuffer> {
  return packValue(facts);
}

/** Reads what {@link encodeFacts} wrote. Throws `store-corrupt` when it is not that, or another format. */
export function decodeFacts(bytes: Uint8Array): FileFacts {
  let facts: FileFacts;
  try {
    facts = unpackValue(bytes) as FileFacts;
  } catch (error) {
    throw new CodeloomError('store-corrupt', 'Stored facts cannot be read.', { cause: error });
  }
  if (typeof facts !== 'object' || facts === null || facts.format !== FACTS_FORMAT) {
    throw new CodeloomError('store-corrupt', `Stored facts have format ${String(facts?.format)}, expected ${FACTS_FORMAT}.`);
  }
  return facts;
}
