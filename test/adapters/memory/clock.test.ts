import { describe, expect, it } from 'vitest';
import { createMemoryClock } from '../../../src/adapters/memory/clock.js';

describe('the clock of tests', () => {
  it('stands still until it is advanced or slept on', async () => {
    const clock = createMemoryClock(new Date('2025-05-01T00:00:00.000Z'));
    expect(clock.now()).toEqual(clock.now());
    clock.advance(1000);
    await clock.sleep(500);
    expect(clock.now().toISOString()).toBe('2025-05-01T00:00:01.500Z');
  });

  it('gives a fresh id each time', () => {
    const clock = createMemoryClock();
    expect([clock.uniqueId(), clock.uniqueId()]).toEqual(['id-1', 'id-2']);
  });

  it('does not sleep once it is told to stop', async () => {
    await expect(createMemoryClock().sleep(10, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  });
});
