// The scoreboard as Markdown.

const BEGIN = '<!-- scoreboard: written by npm run bench:accuracy -- … --document -->';
const END = '<!-- end of the scoreboard -->';

/** A document with the scoreboard that it carries replaced. */
export function inDocument(document, tables) {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`The document has no place for the scoreboard: ${BEGIN} … ${END}`);
  return `${before}${BEGIN}\n\n${tables}\n\n${END}${after}`;
}

/** The tables of a record. */
export function markdown({ repositories }) {
  const all = Object.entries(repositories);
  return [
    '### Definitions, imports, base classes, calls', table(
      ['repository', 'definitions P / R / F1', 'IMPORTS P / R / F1', 'EXTENDS, IMPLEMENTS P / R / F1', 'CALLS P / R / F1', 'calls found', 'wrong'],
      all.map(([name, { definitions, imports, heritage, calls }]) => [name, shares(definitions), shares(imports), shares(heritage), shares(calls), `${calls.found} of ${calls.required}`, calls.wrong])),
    '### Recall of calls, by kind', byVia(all),
    '### Candidates', table(
      ['repository', 'missed calls', 'of them among the candidates', 'sites with candidates', 'median of candidates a site'],
      all.map(([name, { calls, sites }]) => [name, calls.missed, calls.candidates.missedAmongCandidates, sites.sitesWithCandidates, sites.medianCandidates ?? '–'])),
    '### Verdicts of call sites', table(
      ['repository', 'call sites', 'resolved', 'candidates', 'external', 'unresolved', 'unresolved, share'],
      all.map(([name, { sites: { verdicts } }]) => [name, total(verdicts), verdicts.resolved, verdicts.candidates, verdicts.external, verdicts.unresolved, percent(verdicts.unresolved / total(verdicts))])),
    '### Unresolved, by reason', byReason(all),
    '### Processor seconds', table(
      ['repository', 'extraction', 'linking', 'linking / extraction'],
      all.map(([name, { seconds: { extract, link } }]) => [name, extract.toFixed(2), link.toFixed(2), (link / extract).toFixed(2)])),
  ].join('\n\n');
}

function byVia(all) {
  const kinds = [...new Set(all.flatMap(([, { calls }]) => [...Object.keys(calls.byVia), ...Object.keys(calls.byPlace)]))].sort();
  return table(['repository', ...kinds], all.map(([name, { calls }]) => [name, ...kinds.map((kind) => {
    const count = calls.byVia[kind] ?? calls.byPlace[kind];
    return count === undefined ? '–' : `${count.right} of ${count.right + count.missed}`;
  })]));
}

function byReason(all) {
  const reasons = [...new Set(all.flatMap(([, { sites }]) => Object.keys(sites.reasons)))].sort();
  return table(['repository', ...reasons.map((reason) => `\`${reason}\``)], all.map(([name, { sites }]) => [name, ...reasons.map((reason) => sites.reasons[reason] ?? '–')]));
}

const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const share = (value) => (value === null ? '–' : value.toFixed(3));
const shares = ({ precision, recall, f1 }) => (precision === null && recall === null ? '–' : `${share(precision)} / ${share(recall)} / ${share(f1)}`);
const percent = (value) => `${(100 * value).toFixed(1)} %`;
const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
