import type { EdgeSite } from '../../domain/graph-node.js';

/** The sites of an edge as short text: `12:4,30:8n` is line 12, column 4, and a construction at line 30, column 8. */
export function sitesToText(sites: readonly EdgeSite[]): string {
  let text = '';
  for (const { line, column, via } of sites) text += `${text === '' ? '' : ','}${line}:${column}${via === undefined ? '' : LETTERS[via]}`;
  return text;
}

/** Reads what {@link sitesToText} wrote. */
export function sitesFromText(text: string): EdgeSite[] {
  if (text === '') return [];
  return text.split(',').map((site) => {
    const colon = site.indexOf(':');
    const via = VIA[site.slice(-1)];
    return { line: Number(site.slice(0, colon)), column: Number.parseInt(site.slice(colon + 1), 10), ...(via === undefined ? {} : { via }) };
  });
}

type Via = NonNullable<EdgeSite['via']>;

const LETTERS: Readonly<Record<Via, string>> = { new: 'n', decorator: 'd', jsx: 'j', tag: 't', super: 's' };
const VIA: Readonly<Record<string, Via>> = { n: 'new', d: 'decorator', j: 'jsx', t: 'tag', s: 'super' };
