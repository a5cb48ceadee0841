import { parentPort, workerData } from 'node:worker_threads';
import type { LanguageId } from '../../domain/file-facts.js';
import { extractEncoded, type EncodedSource, type SourceLimits } from './extract-source.js';
import type { CompiledFile } from './grammars.js';
import { extractors } from './languages/index.js';
import { SyntaxReader } from './syntax-reader.js';

/** What a worker of the pool starts with. */
export interface WorkerStart {
  readonly core: CompiledFile;
  readonly limits: SourceLimits;
}

export interface WorkerRequest {
  readonly language: LanguageId;
  readonly bytes: Uint8Array;
  /** Sent with the first source that needs it. */
  readonly grammar?: CompiledFile;
}

/** Answers come in the order of the requests; behind one that `retire`s none come any more. */
export type WorkerAnswer =
  | { readonly ready: true }
  | (EncodedSource & { readonly retire: boolean })
  | { readonly error: string; readonly retire: boolean };

/** WebAssembly memory never shrinks: a worker whose memory a huge file has grown beyond this gives way to a new one (60 ms). Ordinary files leave 33 to 45 MiB. */
const RETIRE_BYTES = 96 << 20;

if (parentPort !== null) {
  const port = parentPort;
  const { core, limits } = workerData as WorkerStart; // what pool.ts passes
  const reader = await SyntaxReader.start(core);
  const byLanguage = new Map(extractors.map((extractor) => [extractor.language, extractor]));
  const answer = ({ language, bytes, grammar }: WorkerRequest): WorkerAnswer => {
    const extractor = byLanguage.get(language);
    if (extractor === undefined) return { error: `There is no extractor for ${language}.`, retire: false };
    if (grammar !== undefined) reader.add(extractor.grammar, grammar);
    const source = extractEncoded(reader, extractor, bytes, limits);
    return { ...source, retire: reader.broken || reader.memoryBytes > RETIRE_BYTES };
  };
  port.on('message', (request: WorkerRequest) => {
    let reply: WorkerAnswer;
    try {
      reply = answer(request);
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error), retire: true };
    }
    port.postMessage(reply, 'facts' in reply && ownsItsBuffer(reply.facts) ? [reply.facts.buffer] : []);
    if ('retire' in reply && reply.retire) port.close();
  });
  port.postMessage({ ready: true } satisfies WorkerAnswer);
}

/** Whether a view may be moved to another thread: what is not all of its buffer would take that along. */
function ownsItsBuffer(view: Uint8Array): view is Uint8Array<ArrayBuffer> {
  return view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength;
}
