import { CodeloomError } from './errors.js';
import { FACTS_FORMAT, type FileFacts } from './file-facts.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Facts as UTF-8 JSON. */
export function encodeFacts(facts: FileFacts): Uint8Array {
  return encoder.encode(JSON.stringify(facts));
}

/** Reads what {@link encodeFacts} wrote. Throws `store-corrupt` when it is not that, or another format. */
export function decodeFacts(bytes: Uint8Array): FileFacts {
  let facts: FileFacts;
  try {
    facts = JSON.parse(decoder.decode(bytes)) as FileFacts;
  } catch (error) {
    throw new CodeloomError('store-corrupt', 'Stored facts cannot be read.', { cause: error });
  }
  if (facts.format !== FACTS_FORMAT) throw new CodeloomError('store-corrupt', `Stored facts have format ${String(facts.format)}, expected ${FACTS_FORMAT}.`);
  return facts;
}
