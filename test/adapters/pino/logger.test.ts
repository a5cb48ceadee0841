import { describe, expect, it } from 'vitest';
import { createPinoLogger, type PinoLoggerOptions } from '../../../src/adapters/pino/logger.js';
import type { LogLine } from '../../../src/domain/ports/logger.js';

function logged(line: LogLine, options: PinoLoggerOptions = {}): Record<string, unknown>[] {
  let text = '';
  createPinoLogger({ destination: { write: (part) => void (text += part) }, ...options }).log('info', line);
  return text.split('\n').slice(0, -1).map((each) => JSON.parse(each) as Record<string, unknown>);
}

describe('a log of pino', () => {
  it('has a JSON object a line', () => {
    expect(logged({ event: 'stage-finished', run: 'r1', repository: 'github.com/acme/shop', commit: 'abc', stage: 'extract', counts: { parsed: 3 } })).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string, event: 'stage-finished', run: 'r1', repository: 'github.com/acme/shop', commit: 'abc', stage: 'extract', counts: { parsed: 3 } },
    ]);
  });

  it('leaves out what is below its level', () => {
    expect(logged({ event: 'closing' }, { level: 'warn' })).toEqual([]);
  });

  it('writes known fields only, whatever comes along', () => {
    const line = { event: 'run-started', run: 'r1', password: 'hunter2', request: { headers: { authorization: 'Bearer hunter2' } }, counts: { files: 1, password: 'hunter2' } } as unknown as LogLine; // what the types refuse
    expect(logged(line)).toEqual([expect.not.objectContaining({ password: expect.anything() as unknown })]);
    expect(JSON.stringify(logged(line))).not.toContain('hunter2');
  });

  it('writes no user and no password of a URL, and nothing that is to be hidden', () => {
    const text = JSON.stringify(logged({ event: 'run-finished', repository: 'https://token@example.org/a.git', message: 'fatal: https://somebody:hunter2@example.org/a.git said s3cr3t' }, { hide: (each) => each.replaceAll('s3cr3t', '…') }));
    expect(text).toContain('fatal: https://***@example.org/a.git said …');
    expect(text).not.toMatch(/hunter2|token|s3cr3t/);
  });
});
