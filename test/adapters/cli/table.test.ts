import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { renderTable, type Column } from '../../../src/adapters/cli/table.js';
import { widthOf } from '../../../src/adapters/cli/text.js';

const columns: readonly Column[] = [
  { header: 'NAME', shorten: 'middle' },
  { header: 'KIND', shorten: 'end', expendable: 1 },
  { header: 'AT', shorten: 'never' },
];

describe('a table', () => {
  it('puts columns under their headers, two spaces apart, without trailing blanks', async () => {
    expect(await renderTable({ columns, rows: [['App.listen', 'method', 'src/app.ts:12'], ['main', 'function', 'bin.ts:1']] })).toBe(
      'NAME        KIND      AT\n'
      + 'App.listen  method    src/app.ts:12\n'
      + 'main        function  bin.ts:1\n',
    );
  });

  it('shortens a long name in its middle and leaves the location whole', async () => {
    const text = await renderTable({ columns, rows: [['createRepositorySnapshotFromFolderOrArchive', 'function', 'src/app.ts:12']], width: 50 });
    expect(text).toBe(
      'NAME                       KIND      AT\n'
      + 'createReposi…derOrArchive  function  src/app.ts:12\n',
    );
  });

  it('leaves out what is expendable before it cuts a location', async () => {
    const text = await renderTable({ columns, rows: [['createRepositorySnapshot', 'constructor', 'src/some/folder/app.ts:12']], width: 42 });
    expect(text.split('\n')[0]).not.toContain('KIND');
    expect(text).toContain('src/some/folder/app.ts:12');
  });

  it('cuts the location too when nothing else is left', async () => {
    const text = await renderTable({ columns, rows: [['a', 'class', 'src/some/very/long/folder/name/of/a/file.ts:1234']], width: 20 });
    expect(text.split('\n')[1]).toMatch(/^a\s+src\/.*….*1234$/);
  });

  it('shortens nothing where there is no terminal', async () => {
    const name = 'x'.repeat(500);
    expect(await renderTable({ columns, rows: [[name, 'class', 'a.ts:1']] })).toContain(name);
  });

  it('aligns names in wide characters by what a terminal shows', async () => {
    const lines = (await renderTable({ columns, rows: [['読み込む', 'function', 'a.ts:1'], ['load', 'function', 'b.ts:2']] })).split('\n');
    expect(lines[1]).toBe('読み込む  function  a.ts:1');
    expect(lines[2]).toBe('load      function  b.ts:2');
  });

  it('writes control characters of names and paths out, so that a repository cannot steer the terminal', async () => {
    const text = await renderTable({ columns, rows: [['a\u001b[31mb', 'class', 'x\ny.ts:1']] });
    expect(text).toContain('a\\u{1b}[31mb');
    expect(text).toContain('x\\ny.ts:1');
    expect(text.split('\n')).toHaveLength(3);
  });

  it('styles cells without disturbing their widths', async () => {
    const styled = columns.map((column) => ({ ...column, style: (cell: string) => `\u001b[1m${cell}\u001b[22m` }));
    const plain = await renderTable({ columns, rows: [['load', 'function', 'a.ts:1']] });
    expect((await renderTable({ columns: styled, rows: [['load', 'function', 'a.ts:1']] })).replace(/\u001b\[\d+m/g, '')).toBe(plain);
  });

  it('is empty without rows', async () => {
    expect(await renderTable({ columns, rows: [] })).toBe('');
  });

  it('never has a line wider than the terminal, whatever the cells', async () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 60 });
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }), fc.integer({ min: 12, max: 120 }), async (rows, width) => {
      const lines = (await renderTable({ columns, rows, width })).split('\n');
      expect(lines).toHaveLength(rows.length + 2);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
    }), { numRuns: 200 });
  });
});
