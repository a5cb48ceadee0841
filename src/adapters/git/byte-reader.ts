import type { Readable } from 'node:stream';

/** Lines and runs of bytes off a stream that is read no faster than it is asked. */
export interface ByteReader {
  /** Up to the next line feed, which is consumed; undefined at the end of the stream. */
  line(): Promise<string | undefined>;
  /** Exactly so many bytes in memory of their own; undefined when the stream ends before. */
  bytes(count: number): Promise<Uint8Array | undefined>;
  /** Passes over bytes; false when the stream ends before. */
  skip(count: number): Promise<boolean>;
}

const LINE_FEED = 10;
/** Held before the stream is paused. */
const MOST_HELD = 1024 * 1024;

export function createByteReader(stream: Readable): ByteReader {
  let held: Buffer[] = [];
  let next = 0;
  let heldBytes = 0;
  let ended = false;
  let wake: (() => void) | undefined;
  let chunk: Buffer = Buffer.alloc(0);
  let at = 0;

  // Events, not the stream's own iterator: Git writes each object by itself, and the iterator costs as much as reading it (measured: 5,000 objects,
  // 170 ms of processor time against 80).
  stream.on('data', (data: Buffer) => {
    held.push(data);
    heldBytes += data.length;
    if (heldBytes > MOST_HELD) stream.pause();
    notify();
  });
  // A stream that was cut short has ended; the exit of its process tells why.
  for (const event of ['end', 'close', 'error']) stream.on(event, () => { ended = true; notify(); });

  function notify(): void {
    const waiting = wake;
    wake = undefined;
    waiting?.();
  }

  async function more(): Promise<boolean> {
    while (next === held.length) {
      held = [];
      next = 0;
      if (ended) return false;
      stream.resume();
      await new Promise<void>((resolve) => { wake = resolve; });
    }
    chunk = held[next] ?? chunk;
    next += 1;
    heldBytes -= chunk.length;
    at = 0;
    return true;
  }

  async function line(): Promise<string | undefined> {
    let before = '';
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, at);
      if (end >= 0) {
        const text = before + chunk.toString('latin1', at, end);
        at = end + 1;
        return text;
      }
      before += chunk.toString('latin1', at);
      at = chunk.length;
      if (!(await more())) return undefined;
    }
  }

  async function bytes(count: number): Promise<Uint8Array | undefined> {
    const content = new Uint8Array(count);
    let filled = 0;
    for (;;) {
      const taken = Math.min(count - filled, chunk.length - at);
      content.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled === count) return content;
      if (!(await more())) return undefined;
    }
  }

  async function skip(count: number): Promise<boolean> {
    for (let left = count; ;) {
      const taken = Math.min(left, chunk.length - at);
      left -= taken;
      at += taken;
      if (left === 0) return true;
      if (!(await more())) return false;
    }
  }

  return { line, bytes, skip };
}
