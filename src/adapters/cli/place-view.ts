import type { Declaration } from '../../domain/explaining/declaration.js';
import type { Step } from '../../domain/explaining/step.js';
import type { ExplainAnswer } from '../../use-cases/queries/explain.js';
import type { DefinitionAnswer } from '../../use-cases/queries/definition.js';
import type { Locations } from './locations.js';
import type { Terminal } from './terminal.js';
import { plural, printable } from './text.js';

export interface PlaceView {
  readonly terminal: Terminal;
  readonly locations: Locations;
}

/** Each declaration on a line with its place, then the steps, then how complete the answer is. */
export async function showDefinition(answer: DefinitionAnswer, { terminal, locations, steps }: PlaceView & { readonly steps: boolean }): Promise<void> {
  const { colours } = terminal;
  for (const { certainty, source, ...declaration } of answer.results) {
    await terminal.out(`${declarationLine(declaration, { terminal, locations })}${certainty === 'candidate' ? colours.yellow('  candidate') : ''}${source === undefined ? '' : colours.dim(`  ${printable(source)}`)}\n`);
  }
  if (steps && answer.steps.length > 0) {
    if (answer.results.length > 0) await terminal.out('\n');
    await showSteps(answer.steps, { terminal, locations }, 0);
  }
  const about = answer.name === undefined ? '' : ` of ${colours.bold(printable(answer.name.text))} (${printable(locations.at(answer.name.path, answer.name.line))}:${answer.name.column})`;
  const exact = answer.completeness === 'exact';
  if (answer.results.length > 0) await terminal.out('\n');
  await terminal.out(`${plural(answer.results.length, 'declaration')}${about}: ${exact ? colours.green('exact') : colours.yellow('a lower bound')}${answer.gaps.length === 0 ? '.' : ', because'}\n`);
  for (const gap of answer.gaps) await terminal.out(`  ${colours.yellow('·')} ${printable(gap.message)}\n`);
  if (answer.nothing !== undefined) await terminal.out(`  ${printable(answer.nothing.message)}\n`);
}

function declarationLine({ kind, name, path, line, column }: Declaration, { terminal: { colours }, locations }: PlaceView): string {
  const where = path === '' ? 'outside the repository' : line === 0 ? locations.path(path) : `${locations.at(path, line)}:${column}`;
  return `${colours.bold(printable(name))}  ${colours.dim(kind)}  ${colours.cyan(printable(where))}`;
}

/** Each site with its verdict and targets, then the steps; then what imported indexes say. */
export async function showExplanations(answer: ExplainAnswer, view: PlaceView): Promise<void> {
  const { terminal, locations } = view;
  const { colours } = terminal;
  for (const [index, site] of answer.results.entries()) {
    if (index > 0) await terminal.out('\n');
    const verdict = site.verdict === 'resolved' ? colours.green('resolved') : site.verdict === 'unresolved' ? colours.red('unresolved') : site.verdict === 'candidates' ? colours.yellow('candidates') : 'external';
    const how = site.via === 'call' ? '' : colours.dim(`  ${site.via}`);
    await terminal.out(`${colours.bold(printable(site.callee))}${how}  ${colours.cyan(printable(locations.at(site.path, site.line)))}${colours.cyan(`:${site.column}`)}  ${verdict}${site.reason === undefined ? '' : colours.dim(` (${site.reason})`)}\n`);
    for (const target of site.targets) {
      const where = target.path === undefined ? '' : `  ${colours.cyan(printable(locations.at(target.path, target.line ?? 0)))}`;
      await terminal.out(`  ${target.certainty === 'certain' ? '->' : colours.yellow('? ')} ${printable(target.id)}${where}${target.certainty === 'certain' ? '' : colours.dim(`  ${target.rule}`)}\n`);
    }
    await showSteps(site.steps, view, 0);
  }
  for (const { source, name, path, line, column, declarations } of answer.imported ?? []) {
    await terminal.out(`${answer.results.length > 0 ? '\n' : ''}${colours.bold(printable(name))}  ${colours.cyan(printable(`${locations.at(path, line)}:${column}`))}  ${colours.dim(`says ${printable(source)}`)}\n`);
    for (const declaration of declarations) await terminal.out(`  -> ${declarationLine(declaration, view)}\n`);
  }
}

/** Steps under one another, those that one rests on indented below it. */
export async function showSteps(steps: readonly Step[], view: PlaceView, depth: number): Promise<void> {
  const { terminal, locations } = view;
  const { colours } = terminal;
  for (const { text, path, line, column, steps: inner } of steps) {
    const where = path === undefined ? '' : `  ${colours.cyan(printable(`${locations.at(path, line ?? 0)}${line !== undefined && column !== undefined ? `:${column}` : ''}`))}`;
    await terminal.out(`${'  '.repeat(depth + 1)}${colours.dim('·')} ${printable(text)}${where}\n`);
    if (inner !== undefined) await showSteps(inner, view, depth + 1);
  }
}
