import { prepareWidths, printable, shortenEnd, shortenMiddle, widthOf } from './text.js';

export interface Column {
  readonly header: string;
  /** Where a cell that is too wide loses characters; `never` for what is useless when cut (a `path:line` that a terminal opens). */
  readonly shorten: 'middle' | 'end' | 'never';
  readonly align?: 'left' | 'right';
  /** Left out first (highest number first) when the terminal is too narrow for all; absent: always there. */
  readonly expendable?: number;
  /** Applied to the finished cell: colours. */
  readonly style?: (cell: string) => string;
}

export interface TableRequest {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of the terminal; absent where there is none: nothing is shortened. */
  readonly width?: number | undefined;
  readonly headerStyle?: (cell: string) => string;
}

const GAP = 2;
/** A shortened cell keeps this many columns, so that something of a name is left to recognise it by. */
const NARROWEST = 24;

/** A table without borders that fits the width: one line a row. No rows give an empty text. Ends with a line break. */
export async function renderTable(request: TableRequest): Promise<string> {
  if (request.rows.length === 0) return '';
  const cells = request.rows.map((row) => row.map(printable));
  await prepareWidths(cells.flat());
  const natural = request.columns.map((column, index) => Math.max(widthOf(column.header), ...cells.map((row) => widthOf(row[index] ?? ''))));
  const shown = columnsThatFit(request.columns, natural, request.width);
  const widths = fitWidths(shown.map((index) => ({ column: request.columns[index], natural: natural[index] ?? 0 })), request.width);
  const line = (row: readonly string[], style: (column: Column) => ((cell: string) => string) | undefined, cut: (column: Column) => Column['shorten']): string => shown.map((index, position) => {
    const column = request.columns[index];
    const cell = row[index] ?? '';
    if (column === undefined) return cell;
    const width = widths[position] ?? 0;
    const fitted = cut(column) === 'end' ? shortenEnd(cell, width) : shortenMiddle(cell, width);
    const padding = ' '.repeat(Math.max(0, width - widthOf(fitted)));
    const styled = style(column)?.(fitted) ?? fitted;
    return column.align === 'right' ? padding + styled : styled + padding;
  }).join(' '.repeat(GAP)).trimEnd();
  const header = line(request.columns.map((column) => column.header), () => request.headerStyle, () => 'end');
  return `${[header, ...cells.map((row) => line(row, (column) => column.style, (column) => column.shorten))].join('\n')}\n`;
}

/** Indexes of the columns to show: expendable ones go while even the narrowest form is too wide. */
function columnsThatFit(columns: readonly Column[], natural: readonly number[], width: number | undefined): readonly number[] {
  const shown = columns.map((_, index) => index);
  if (width === undefined) return shown;
  const needed = (): number => shown.reduce((sum, index) => sum + narrowest(columns[index], natural[index] ?? 0), 0) + GAP * (shown.length - 1);
  while (needed() > width) {
    let victim = -1;
    for (const index of shown) {
      const rank = columns[index]?.expendable;
      if (rank !== undefined && (victim === -1 || rank > (columns[victim]?.expendable ?? 0))) victim = index;
    }
    if (victim === -1) break;
    shown.splice(shown.indexOf(victim), 1);
  }
  return shown;
}

function narrowest(column: Column | undefined, natural: number): number {
  return column === undefined || column.shorten === 'never' ? natural : Math.min(natural, NARROWEST);
}

interface Measured {
  readonly column: Column | undefined;
  readonly natural: number;
}

/** Takes from the widest column that may be shortened, until the line fits; from those that should not be only when nothing else is left. */
function fitWidths(columns: readonly Measured[], width: number | undefined): number[] {
  const widths = columns.map((column) => column.natural);
  if (width === undefined) return widths;
  let excess = widths.reduce((sum, each) => sum + each, 0) + GAP * (widths.length - 1) - width;
  const shrink = (floor: (column: Measured) => number): void => {
    while (excess > 0) {
      let widest = -1;
      for (let index = 0; index < widths.length; index += 1) {
        const column = columns[index];
        if (column === undefined || (widths[index] ?? 0) <= floor(column)) continue;
        if (widest === -1 || (widths[index] ?? 0) > (widths[widest] ?? 0)) widest = index;
      }
      if (widest === -1) return;
      widths[widest] = (widths[widest] ?? 0) - 1;
      excess -= 1;
    }
  };
  shrink(({ column, natural }) => narrowest(column, natural));
  shrink(({ column, natural }) => (column?.shorten === 'never' ? natural : Math.min(natural, 3)));
  shrink(() => 1);
  return widths;
}
