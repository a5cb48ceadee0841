import type { EdgeSite } from './graph-node.js';

/** The sites of an edge as short text: `12:4,30:8n` is line 12, column 4, and a construction at line 30, column 8; `12:4@scip:scip-go` was imported. */
export function sitesToText(sites: readonly EdgeSite[]): string {
  let text = '';
  for (const { line, column, via, source } of sites) {
    text += `${text === '' ? '' : ','}${line}:${column}${via === undefined ? '' : LETTERS[via]}${source === undefined ? '' : `@${source}`}`;
  }
  return text;
}

/** Reads what {@link sitesToText} wrote. */
export function sitesFromText(text: string): EdgeSite[] {
  if (text === '') return [];
  return text.split(',').map((site) => {
    const [place = '', source] = site.split('@');
    const colon = place.indexOf(':');
    const via = VIA[place.slice(-1)];
    return { line: Number(place.slice(0, colon)), column: Number.parseInt(place.slice(colon + 1), 10), ...(via === undefined ? {} : { via }), ...(source === undefined ? {} : { source }) };
  });
}

type Via = NonNullable<EdgeSite['via']>;

const LETTERS: Readonly<Record<Via, string>> = { new: 'n', decorator: 'd', jsx: 'j', tag: 't', super: 's' };
const VIA: Readonly<Record<string, Via>> = { n: 'new', d: 'decorator', j: 'jsx', t: 'tag', s: 'super' };
