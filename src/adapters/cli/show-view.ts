import type { ShowAnswer } from '../../use-cases/queries/show-symbol.js';
import type { Locations } from './locations.js';
import type { Terminal } from './terminal.js';
import { printable } from './text.js';

/** What is known of the symbol itself, above the table of its relations. */
export async function showDetails(answer: ShowAnswer, terminal: Terminal, locations: Locations): Promise<void> {
  const { symbol, details } = answer;
  if (symbol === undefined || details === undefined) return;
  const { colours } = terminal;
  const marks = [details.exported === true ? 'exported' : '', ...details.modifiers].filter((mark) => mark !== '');
  const lines: [string, string | undefined][] = [
    ['', `${colours.bold(printable(symbol.qualifiedName))}  ${colours.dim([...marks, symbol.kind].join(' '))}`],
    ['id', printable(symbol.id)],
    ['at', symbol.path === '' ? undefined : colours.cyan(printable(locations.at(symbol.path, symbol.line)))],
    ['package', details.package === undefined ? undefined : printable(details.package)],
    ['in', details.parent === undefined ? undefined : printable(details.parent.qualifiedName)],
    ['signature', details.signature === undefined ? undefined : printable(details.signature)],
    ['doc', details.doc === undefined ? undefined : printable(details.doc)],
    ['uses', counts(details.counts.out)],
    ['used by', counts(details.counts.in)],
  ];
  for (const [label, text] of lines) if (text !== undefined) await terminal.out(label === '' ? `${text}\n` : `  ${colours.dim(label.padEnd(10))} ${text}\n`);
  await terminal.out('\n');
}

/** `12 CALLS, 1 IMPORTS`. */
function counts(byKind: Readonly<Record<string, number>>): string | undefined {
  const parts = Object.entries(byKind).filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  return parts.length === 0 ? undefined : parts.map(([kind, count]) => `${count} ${kind}`).join(', ');
}
