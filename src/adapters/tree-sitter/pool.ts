import { Worker } from 'node:worker_threads';
import { CodeloomError } from '../../domain/errors.js';
import type { FactDiagnostic } from '../../domain/file-facts.js';
import type { ParserOutput } from '../../domain/ports/parser.js';
import { encodedFailure, type SourceLimits } from './extract-source.js';
import { compiledCore, compiledGrammar } from './grammars.js';
import type { SourceJob, SourceRunner } from './source-runner.js';
import type { WorkerAnswer, WorkerRequest, WorkerStart } from './worker.js';

export interface PoolOptions {
  readonly size: number;
  readonly limits: SourceLimits;
  /** The worker's module. */
  readonly worker?: URL;
  /** How long a worker may stay silent over one source before it is ended; by default twice the parse's time and 20 s. */
  readonly patienceMs?: number;
  /** A worker that has had nothing to do for so long ends; by default 3 s. */
  readonly idleMs?: number;
}

/** One source that runs and one that waits in the worker's inbox, so that it never idles over a message. */
const INBOX = 2;
const IDLE_MS = 3000;
/**
 * A worker whose heap grows beyond this ends, and its file is charged; one allocation that is far larger would end the process, so the limit lies well above what a
 * file of `maxBytes` takes (4 MiB of Python: about 200 MB with its syntax tree). The stack is Node's own size for a worker.
 */
const RESOURCES = { maxOldGenerationSizeMb: 1024, stackSizeMb: 4 } as const;

interface Pending extends SourceJob {
  /** Workers that died over it. */
  deaths: number;
  settled: boolean;
  readonly resolve: (output: ParserOutput) => void;
  readonly reject: (error: unknown) => void;
}

interface Seat {
  readonly worker: Worker;
  readonly jobs: Pending[];
  readonly grammars: Set<string>;
  ready: boolean;
  /** Takes nothing beside the source it has: that one is suspected of killing workers. */
  solitary: boolean;
  watchdog: NodeJS.Timeout | undefined;
  silent: boolean;
  failure: unknown;
}

/**
 * Extraction in worker threads. They start as work comes, keep the process alive only while they work, and are replaced when they die; a source over which two
 * died (or one fell silent) gets facts with a diagnostic.
 */
export class WorkerPool implements SourceRunner {
  readonly capacity: number;
  readonly #options: Required<PoolOptions>;
  readonly #seats = new Set<Seat>();
  readonly #queue: Pending[] = [];
  #closed = false;

  constructor(options: PoolOptions) {
    this.capacity = options.size;
    this.#options = { worker: new URL('./worker.js', import.meta.url), patienceMs: 2 * options.limits.timeoutMs + 20_000, idleMs: IDLE_MS, ...options };
  }

  run(job: SourceJob, signal: AbortSignal): Promise<ParserOutput> {
    return new Promise((resolve, reject) => {
      const abort = (): void => pending.reject(new CodeloomError('aborted', 'The operation was cancelled.', { cause: signal.reason }));
      const settle = (): boolean => {
        if (pending.settled) return false;
        signal.removeEventListener('abort', abort);
        return (pending.settled = true);
      };
      const pending: Pending = {
        ...job,
        deaths: 0,
        settled: false,
        resolve: (output) => settle() && resolve(output),
        reject: (error) => settle() && reject(error),
      };
      if (this.#closed) return pending.reject(closedError());
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#queue.push(pending);
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.reject(closedError());
    const seats = [...this.#seats];
    this.#seats.clear();
    for (const { jobs, watchdog } of seats) {
      clearTimeout(watchdog);
      for (const job of jobs) job.reject(closedError());
    }
    await Promise.all(seats.map(({ worker }) => {
      worker.ref(); // an idle worker holds nothing: the process could end, with this promise unsettled, before the worker has
      return worker.terminate();
    }));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const [job] = this.#queue;
      if (job === undefined) return;
      if (!job.settled) {
        const seat = this.#seatFor(job);
        if (seat === undefined) return;
        this.#hand(seat, job);
      }
      this.#queue.shift();
    }
  }

  #seatFor(job: Pending): Seat | undefined {
    let best: Seat | undefined;
    for (const seat of this.#seats) {
      if (seat.jobs.length === 0) return seat;
      if (!seat.solitary && job.deaths === 0 && seat.jobs.length < (best?.jobs.length ?? INBOX)) best = seat;
    }
    return this.#seats.size < this.#options.size ? this.#open() : best;
  }

  #hand(seat: Seat, job: Pending): void {
    const { input, extractor } = job;
    let request: WorkerRequest;
    const bytes = new Uint8Array(input.bytes); // a copy to give away; the caller keeps its own
    try {
      request = seat.grammars.has(extractor.grammar) ? { language: extractor.language, bytes } : { language: extractor.language, bytes, grammar: compiledGrammar(extractor.grammar) };
    } catch (error) {
      job.reject(error);
      return;
    }
    seat.worker.postMessage(request, [bytes.buffer]);
    seat.grammars.add(extractor.grammar);
    seat.solitary = job.deaths > 0;
    seat.jobs.push(job);
    seat.worker.ref();
    if (seat.jobs.length === 1) this.#watch(seat);
  }

  #open(): Seat {
    const { worker: module, limits } = this.#options;
    const core = compiledCore();
    const worker = new Worker(module, { workerData: { core, limits } satisfies WorkerStart, resourceLimits: RESOURCES, execArgv: [], env: {}, name: 'codeloom-parser' });
    const seat: Seat = { worker, jobs: [], grammars: new Set(), ready: false, solitary: false, watchdog: undefined, silent: false, failure: undefined };
    this.#seats.add(seat);
    worker.on('message', (answer: WorkerAnswer) => this.#answered(seat, answer));
    worker.on('error', (error) => (seat.failure = error));
    worker.on('exit', () => this.#died(seat));
    return seat;
  }

  #answered(seat: Seat, answer: WorkerAnswer): void {
    if ('ready' in answer) {
      seat.ready = true;
      return;
    }
    // A late answer must not take back the hold that keeps the process alive until the worker has ended.
    if (this.#closed) return;
    const job = seat.jobs.shift();
    if (job === undefined) return;
    if ('facts' in answer) {
      const { facts, diagnostics, provisional } = answer;
      job.resolve({ key: job.input.key, facts, diagnostics, ...(provisional === undefined ? {} : { provisional }) });
    } else job.reject(new CodeloomError('parser-failed', answer.error, { retryable: false }));
    if (answer.retire) {
      this.#leave(seat);
      this.#queue.unshift(...seat.jobs.splice(0));
    } else if (seat.jobs.length === 0) {
      clearTimeout(seat.watchdog);
      seat.worker.unref();
      seat.solitary = false;
      seat.watchdog = setTimeout(() => this.#dismiss(seat), this.#options.idleMs).unref();
    } else this.#watch(seat);
    this.#dispatch();
  }

  /** A worker's memory never shrinks: one that has had nothing to do for a while goes, and another comes when it is needed. */
  #dismiss(seat: Seat): void {
    if (seat.jobs.length === 0 && this.#leave(seat)) void seat.worker.terminate();
  }

  #watch(seat: Seat): void {
    clearTimeout(seat.watchdog);
    seat.watchdog = setTimeout(() => {
      seat.silent = true;
      void seat.worker.terminate();
    }, this.#options.patienceMs).unref();
  }

  #leave(seat: Seat): boolean {
    clearTimeout(seat.watchdog);
    return this.#seats.delete(seat);
  }

  #died(seat: Seat): void {
    if (!this.#leave(seat)) return; // closed or retired
    const jobs = seat.jobs.splice(0);
    if (!seat.ready && !seat.silent) {
      const error = new CodeloomError('parser-failed', 'A parser worker could not start.', { cause: seat.failure });
      for (const job of jobs) job.reject(error);
    } else {
      const [suspect, ...others] = jobs;
      this.#queue.unshift(...others);
      if (suspect !== undefined) this.#charge(suspect, seat);
    }
    this.#dispatch();
  }

  #charge(job: Pending, seat: Seat): void {
    const reason = seat.failure instanceof Error ? seat.failure.message : 'it ended by itself';
    if (seat.silent) job.resolve(failure(job, { code: 'timeout', message: 'The file was not read in time; its worker was ended.' }));
    else if (++job.deaths < 2) this.#queue.unshift(job);
    else job.resolve(failure(job, { code: 'parser-failed', message: `Two workers died over this file: ${reason}`.slice(0, 200) }));
  }
}

function failure({ input, extractor }: SourceJob, diagnostic: FactDiagnostic): ParserOutput {
  return { key: input.key, ...encodedFailure(extractor.language, input.bytes, diagnostic), provisional: true };
}

function closedError(): CodeloomError {
  return new CodeloomError('aborted', 'The parser was closed.');
}
