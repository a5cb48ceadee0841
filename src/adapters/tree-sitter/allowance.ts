/** What the parse of one file may take. */
export interface Allowance {
  /** Called by the parser after each stretch of work; true tells it to stop. */
  readonly spend: () => boolean;
  /** Why it was told to stop: `work` depends on the file alone, `time` on the machine too. */
  exhausted(): 'work' | 'time' | undefined;
}

/** The clock is looked at once in so many calls. */
const CLOCK_INTERVAL = 15;

/**
 * So many stretches of work (the parser core counts 100 of its own operations as one), and so many milliseconds. The count decides in the ordinary case: it is the
 * same on every machine, however busy, so that a content has one outcome. The clock is there for a machine on which that much work takes far too long.
 */
export function allowanceOf(limits: { readonly work: number; readonly timeoutMs: number }): Allowance {
  const deadline = performance.now() + limits.timeoutMs;
  let spent = 0;
  let reason: 'work' | 'time' | undefined;
  return {
    spend: () => {
      if (++spent > limits.work) reason = 'work';
      else if ((spent & CLOCK_INTERVAL) === 1 && performance.now() > deadline) reason = 'time';
      return reason !== undefined;
    },
    exhausted: () => reason,
  };
}

/** Stretches for a file of so many bytes. Ordinary source takes 0.006 to 0.035 a byte, lists of numbers at the upper end; measured at 4 to 24 in a millisecond. */
export function workFor(bytes: number): number {
  return WORK_BASE + Math.ceil(bytes * WORK_PER_BYTE);
}

const WORK_BASE = 20_000;
const WORK_PER_BYTE = 1 / 16;

/**
 * Milliseconds for a file of so many bytes, at most `most`: hundreds of times what a file takes. The core's recovery from errors can be slow in ways that its count
 * does not show (`-> ` two thousand times takes twelve seconds, and a little work), so that a small file must not have the time of a large one.
 */
export function timeFor(bytes: number, most: number): number {
  return Math.min(most, TIME_BASE + bytes * TIME_PER_BYTE);
}

const TIME_BASE = 5_000;
const TIME_PER_BYTE = 0.006;

/** Says in a parser's version how much work is allowed. */
export const WORK_RULE: readonly number[] = [WORK_BASE, WORK_PER_BYTE];
