import type { Answer, AnswerResult, AnswerSite, Nothing } from '../../domain/querying/answer.js';
import type { Locations } from './locations.js';
import { renderTable, type Column } from './table.js';
import type { Terminal } from './terminal.js';
import { formatCount, plural, printable } from './text.js';

const OTHERS_SHOWN = 3;

export type ResultColumn<R> = Column & { readonly cell: (result: R) => string };

export interface AnswerView<R extends AnswerResult> {
  readonly answer: Answer<R>;
  readonly terminal: Terminal;
  readonly locations: Locations;
  /** What a result is called: `['caller', 'callers']`. */
  readonly nouns: readonly [string, string];
  /** Header of the column with the sites, `CALLED AT`; absent: results have none. */
  readonly sitesHeader?: string | undefined;
  /** Columns before the common ones, and behind them. */
  readonly leading?: readonly ResultColumn<R>[] | undefined;
  readonly extra?: readonly ResultColumn<R>[] | undefined;
}

/** An answer as a table with `path:line`, and below it how complete it is and why. */
export async function showAnswer<R extends AnswerResult>(view: AnswerView<R>): Promise<void> {
  const { answer, terminal, locations } = view;
  const { colours } = terminal;
  if (answer.results.length > 0) {
    const candidates = answer.results.some((result) => result.certainty === 'candidate');
    const columns: ResultColumn<R>[] = [
      ...(view.leading ?? []),
      { header: 'NAME', shorten: 'middle', style: colours.bold, cell: (result) => result.name },
      { header: 'KIND', shorten: 'end', expendable: 2, style: colours.dim, cell: (result) => result.kind },
    ];
    if (view.sitesHeader !== undefined) {
      columns.push({ header: view.sitesHeader, shorten: 'never', style: colours.cyan, cell: (result) => sitesText(result.sites, locations) || locations.at(result.path, result.line) });
      columns.push({ header: 'DEFINED AT', shorten: 'never', expendable: 3, cell: (result) => locations.at(result.path, result.line) });
    } else {
      columns.push({ header: 'DEFINED AT', shorten: 'never', style: colours.cyan, cell: (result) => locations.at(result.path, result.line) });
    }
    if (candidates) columns.push({ header: 'CERTAINTY', shorten: 'end', expendable: 1, style: (cell) => (cell.trim() === 'candidate' ? colours.yellow(cell) : cell), cell: (result) => result.certainty });
    columns.push(...(view.extra ?? []));
    await terminal.out(await renderTable({
      columns,
      rows: answer.results.map((result) => columns.map((column) => column.cell(result))),
      width: terminal.columns,
      headerStyle: colours.dim,
    }));
    await terminal.out('\n');
  }
  await terminal.out(`${summary(view)}\n`);
  for (const gap of answer.gaps) {
    await terminal.out(`  ${colours.yellow('·')} ${printable(gap.message)}\n`);
    for (const site of gap.sites.slice(0, 3)) await terminal.out(`    ${colours.dim(locations.at(site.path, site.line))}\n`);
  }
  if (answer.nothing !== undefined) await terminal.out(`  ${printable(answer.nothing.message)}\n`);
  await showOthers(answer, terminal);
  if (answer.cursor !== undefined) await terminal.out(colours.dim(`There is more: add --cursor ${answer.cursor}\n`));
}

/** Names what the question's name fits too, so that nobody takes one symbol's answer for all. */
export async function showOthers({ others = [] }: Answer, terminal: Terminal): Promise<void> {
  if (others.length === 0) return;
  const shown = others.slice(0, OTHERS_SHOWN).map((each) => printable(each.id)).join(', ');
  const more = others.length > OTHERS_SHOWN ? ` and ${formatCount(others.length - OTHERS_SHOWN)} more` : '';
  await terminal.out(terminal.colours.dim(`Not asked about, with the same name: ${shown}${more}\n`));
}

/** `3 callers of App.listen (method, src/app.ts:12): exact.` */
function summary<R extends AnswerResult>({ answer, terminal, locations, nouns }: AnswerView<R>): string {
  const { colours } = terminal;
  const count = plural(answer.results.length, nouns[0], nouns[1]);
  const about = answer.symbol === undefined ? ''
    : ` of ${colours.bold(printable(answer.symbol.qualifiedName))} (${answer.symbol.kind}${answer.symbol.path === '' ? '' : `, ${printable(locations.at(answer.symbol.path, answer.symbol.line))}`})`;
  const shown = answer.cursor === undefined ? '' : ' on this page';
  return answer.completeness === 'exact' ? `${count}${about}${shown}: ${colours.green('exact')}.`
    : `${count}${about}${shown}: ${colours.yellow('a lower bound')}${answer.gaps.length === 0 ? '.' : ', because'}`;
}

/** Says why there is nothing to answer: no such symbol, no path. */
export function showNothing(nothing: Nothing, query: string, terminal: Terminal): void {
  const { errorColours: colours } = terminal;
  terminal.err(`${colours.red('error:')} ${printable(nothing.message)}\n`);
  const hint = nothing.suggestions.length > 0 ? `Did you mean: ${nothing.suggestions.map(printable).join(', ')}?`
    : nothing.reason === 'no-such-symbol' && query !== 'symbols' ? 'Look for names with: codeloom symbols <a part of the name>' : undefined;
  if (hint !== undefined) terminal.err(`${colours.dim('hint:')} ${hint}\n`);
}

/** The first site, and how many more there are. */
export function sitesText(sites: readonly AnswerSite[], locations: Locations): string {
  const first = sites[0];
  if (first === undefined) return '';
  return sites.length === 1 ? locations.at(first.path, first.line) : `${locations.at(first.path, first.line)} +${formatCount(sites.length - 1)}`;
}
