import type { Writable } from 'node:stream';
import type { SourceBlob, SourceEntry } from '../../domain/ports/git-host.js';

export type BlobError = Extract<SourceBlob, { readonly error: unknown }>['error'];

/** A request for a blob: asked of Git, or refused beforehand. */
export interface BlobQuestion {
  readonly entry: SourceEntry;
  refused: BlobError | undefined;
  asked: boolean;
}

/** Asked for and not yet answered. Enough to keep Git busy, little enough to hold. */
const IN_FLIGHT_BYTES = 8 * 1024 * 1024;
const IN_FLIGHT_COUNT = 512;

/**
 * The requests of a reader of blobs, in order: pulled from the caller's entries while there is room, written to whichever process is there, taken off as
 * they are answered. Pulling goes on beside answering, so a caller may wait for one blob before it names the next.
 */
export class RequestQueue {
  readonly #source: AsyncIterator<SourceEntry>;
  readonly #refuse: (entry: SourceEntry) => BlobError | undefined;
  #open: BlobQuestion[] = [];
  #head = 0;
  #bytes = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #pulling = false;
  #input: Writable | undefined;
  #unsent = '';
  #wake: (() => void) | undefined;

  constructor(entries: AsyncIterable<SourceEntry>, refuse: (entry: SourceEntry) => BlobError | undefined) {
    this.#source = entries[Symbol.asyncIterator]();
    this.#refuse = refuse;
  }

  /** The oldest request, waited for; undefined when there will be none. Throws what the entries threw. */
  async oldest(): Promise<BlobQuestion | undefined> {
    while (this.idle() && !this.#ended) {
      this.#pull();
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#open[this.#head];
  }

  /** Whether nothing waits for an answer. */
  idle(): boolean {
    return this.#head === this.#open.length;
  }

  /** Takes off the oldest request. */
  answered(): void {
    const oldest = this.#open[this.#head];
    if (oldest === undefined) return;
    this.#head += 1;
    this.#bytes -= Math.max(0, oldest.entry.size);
    if (this.#head > IN_FLIGHT_COUNT) {
      this.#open = this.#open.slice(this.#head);
      this.#head = 0;
    }
    this.#pull();
  }

  /** From now on requests go to this process, those without an answer first. */
  connect(input: Writable): void {
    this.#input = input;
    this.#unsent = '';
    for (const question of this.#open.slice(this.#head)) {
      question.refused ??= this.#refuse(question.entry);
      question.asked = false;
      this.#ask(question);
    }
  }

  disconnect(): void {
    this.#input = undefined;
    this.#unsent = '';
  }

  async close(): Promise<void> {
    this.disconnect();
    this.#ended = true;
    this.#head = this.#open.length;
    // An entry that is still being waited for may never come; nobody waits for it any more.
    const closed = this.#source.return?.();
    if (!this.#pulling) await closed;
    else closed?.catch(() => undefined);
  }

  #pull(): void {
    if (this.#pulling || this.#ended || !this.#room()) return;
    this.#pulling = true;
    void this.#fill().catch((error: unknown) => {
      this.#failure = { error };
      this.#ended = true;
    }).finally(() => {
      this.#pulling = false;
      this.#notify();
    });
  }

  async #fill(): Promise<void> {
    while (!this.#ended && this.#room()) {
      const next = await this.#source.next();
      if (this.#ended) return;
      if (next.done === true) {
        this.#ended = true;
        return;
      }
      const question: BlobQuestion = { entry: next.value, refused: this.#refuse(next.value), asked: false };
      this.#open.push(question);
      this.#bytes += Math.max(0, question.entry.size);
      this.#ask(question);
      this.#notify();
    }
  }

  #room(): boolean {
    return this.idle() || (this.#open.length - this.#head < IN_FLIGHT_COUNT && this.#bytes < IN_FLIGHT_BYTES);
  }

  /** Many small questions become one write. */
  #ask(question: BlobQuestion): void {
    if (question.refused !== undefined || this.#input === undefined) return;
    question.asked = true;
    if (this.#unsent === '') process.nextTick(() => this.#flush());
    this.#unsent += `${question.entry.blob}\n`;
  }

  #flush(): void {
    if (this.#unsent !== '') this.#input?.write(this.#unsent);
    this.#unsent = '';
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
