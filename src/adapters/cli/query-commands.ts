import type { Command } from 'commander';
import { CodeloomError } from '../../domain/errors.js';
import { NODE_KINDS, type NodeKind } from '../../domain/graph-node.js';
import type { Answer, AnswerResult } from '../../domain/querying/answer.js';
import type { PathAnswer } from '../../use-cases/queries/find-path.js';
import { showAnswer, showNothing, showOthers, sitesText, type AnswerView } from './answer-view.js';
import { EXIT, Exit } from './failure.js';
import { addPageOptions, addTargetOptions, collect, examples, positive, type PageOptions, type TargetOptions } from './options.js';
import { ask, printJson, type Asking, type Session } from './session.js';
import { showDetails } from './show-view.js';
import { plural, printable } from './text.js';

type QueryOptions = TargetOptions & PageOptions & { readonly depth?: number; readonly kind?: readonly string[] };

const SYMBOL = 'a name (`listen`, `App.listen`), an id, `path#name` or `path:line`';

/** A query about one symbol whose answer is a table. */
interface Relation {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly nouns: readonly [string, string];
  readonly sitesHeader?: string;
  readonly examples: readonly (readonly [string, string])[];
  readonly run: (asking: Asking, symbol: string, options: QueryOptions, signal: AbortSignal) => Promise<Answer>;
}

const RELATIONS: readonly Relation[] = [
  {
    name: 'callers', summary: 'who calls a symbol', nouns: ['caller', 'callers'], sitesHeader: 'CALLED AT',
    description: 'Every function, method or file that calls the symbol, with the places. Constructing a class counts as calling it.',
    examples: [['codeloom callers App.listen', 'who calls the method listen of App'], ['codeloom callers "src/app.ts#App.listen()."', 'the same by its id']],
    run: ({ codeloom, target }, symbol, options, signal) => codeloom.callers({ ...target, symbol, ...page(options) }, { signal }),
  },
  {
    name: 'callees', summary: 'what a symbol calls', nouns: ['callee', 'callees'], sitesHeader: 'CALLED AT',
    description: 'Everything that the symbol\'s own code calls, with the places; what lies outside the repository is named by its package.',
    examples: [['codeloom callees main', 'what main calls']],
    run: ({ codeloom, target }, symbol, options, signal) => codeloom.callees({ ...target, symbol, ...page(options) }, { signal }),
  },
  {
    name: 'references', summary: 'where a symbol is used in any way', nouns: ['reference', 'references'], sitesHeader: 'AT',
    description: 'Everything that calls, passes, stores, imports, extends, implements or names the symbol.',
    examples: [['codeloom references Config', 'every use of Config']],
    run: ({ codeloom, target }, symbol, options, signal) => codeloom.references({ ...target, symbol, ...page(options) }, { signal }),
  },
  {
    name: 'implementations', summary: 'what implements or overrides a symbol', nouns: ['implementation', 'implementations'],
    description: 'Classes that implement an interface or extend a class, and methods that implement or override a method.',
    examples: [['codeloom implementations Store', 'classes that implement Store'], ['codeloom implementations Store.get', 'methods that implement its get']],
    run: ({ codeloom, target }, symbol, options, signal) => codeloom.implementations({ ...target, symbol, ...page(options) }, { signal }),
  },
];

export function addQueryCommands(program: Command, session: () => Session): void {
  addSymbols(program, session);
  addShow(program, session);
  for (const relation of RELATIONS) addRelation(program, session, relation);
  addImpact(program, session);
  addPath(program, session);
}

function addRelation(program: Command, session: () => Session, relation: Relation): void {
  const command = program.command(relation.name)
    .summary(relation.summary)
    .description(relation.description)
    .argument('<symbol>', SYMBOL);
  command.action((symbol: string, options: QueryOptions) => {
    const current = session();
    return ask(current, options, async (asking) => {
      const answer = await relation.run(asking, symbol, options, current.signal);
      await present(current, { answer, terminal: current.terminal, locations: asking.locations, nouns: relation.nouns, sitesHeader: relation.sitesHeader });
    });
  });
  addPageOptions(addTargetOptions(command));
  examples(command, relation.examples);
}

/** Prints the answer; exits 1 when there is none to give. That nothing is related to a symbol is an answer. */
async function present<R extends AnswerResult>(session: Session, view: AnswerView<R>): Promise<void> {
  const { nothing } = view.answer;
  const empty = nothing !== undefined && nothing.reason !== 'no-relation';
  if (session.options.json === true) await printJson(session.terminal, view.answer);
  else if (empty) showNothing(nothing, view.answer.query, session.terminal);
  else await showAnswer(view);
  if (empty) throw new Exit(EXIT.negative);
}

function page(options: PageOptions): { readonly limit?: number | undefined; readonly cursor?: string | undefined } {
  return { limit: options.limit, cursor: options.cursor };
}

function addSymbols(program: Command, session: () => Session): void {
  const command = program.command('symbols')
    .summary('find symbols by name')
    .description('Functions, classes, methods, variables … whose name is, begins with or contains the text (exact matches first).')
    .argument('<text>', 'a part of a name')
    .option('--kind <kinds>', `only these kinds: ${NODE_KINDS.join(', ')} (repeat, or separate by commas)`, collect)
    .action(async (text: string, options: QueryOptions) => {
      const current = session();
      const wanted = options.kind === undefined ? undefined : await kinds(options.kind);
      return ask(current, options, async ({ codeloom, target, locations }) => {
        const answer = await codeloom.symbols({ ...target, text, kinds: wanted, ...page(options) }, { signal: current.signal });
        const { terminal } = current;
        await present(current, {
          answer, terminal, locations, nouns: ['symbol', 'symbols'],
          extra: [{ header: 'SIGNATURE', shorten: 'end', expendable: 4, style: terminal.colours.dim, cell: (result) => result.signature ?? '' }],
        });
      });
    });
  addPageOptions(addTargetOptions(command));
  examples(command, [['codeloom symbols listen', 'everything with listen in its name'], ['codeloom symbols Store --kind class,interface', 'classes and interfaces only']]);
}

/** The kinds that `--kind` names. */
async function kinds(words: readonly string[]): Promise<readonly NodeKind[]> {
  const unknown = words.find((word) => !(NODE_KINDS as readonly string[]).includes(word));
  if (unknown === undefined) return words as readonly NodeKind[]; // each was found among them
  const { closest } = await import('fastest-levenshtein');
  throw new CodeloomError('invalid-argument', `There is no kind ${unknown}. Did you mean ${closest(unknown, NODE_KINDS)}?`, { details: { known: NODE_KINDS } });
}

function addShow(program: Command, session: () => Session): void {
  const command = program.command('show')
    .summary('what is known of a symbol')
    .description('Its signature, documentation and place, what it contains and uses, and what uses it.')
    .argument('<symbol>', SYMBOL)
    .action((symbol: string, options: QueryOptions) => {
      const current = session();
      return ask(current, options, async ({ codeloom, target, locations }) => {
        const answer = await codeloom.show({ ...target, symbol, ...page(options) }, { signal: current.signal });
        const { terminal } = current;
        if (current.options.json !== true) await showDetails(answer, terminal, locations);
        await present(current, {
          answer, terminal, locations, nouns: ['relation', 'relations'], sitesHeader: 'AT',
          leading: [{ header: 'RELATION', shorten: 'end', style: terminal.colours.dim, cell: (result) => `${result.direction === 'in' ? '<-' : '->'} ${result.relations.join(', ')}` }],
        });
      });
    });
  addPageOptions(addTargetOptions(command));
  examples(command, [['codeloom show App', 'the class App'], ['codeloom show src/app.ts:40', 'what stands at a line']]);
}

function addImpact(program: Command, session: () => Session): void {
  const command = program.command('impact')
    .summary('what a change to a symbol can reach')
    .description('Everything that depends on the symbol, directly or through others, nearest first: callers, users of a type, subclasses, implementations, and those who pass it on.')
    .argument('<symbol>', SYMBOL)
    .option('--depth <steps>', 'follow at most so many steps (default: 20)', positive)
    .action((symbol: string, options: QueryOptions) => {
      const current = session();
      return ask(current, options, async ({ codeloom, target, locations }) => {
        const answer = await codeloom.impact({ ...target, symbol, depth: options.depth, ...page(options) }, { signal: current.signal });
        const { terminal } = current;
        await present(current, {
          answer, terminal, locations, nouns: ['dependent', 'dependents'], sitesHeader: 'AT',
          leading: [
            { header: 'STEPS', shorten: 'end', align: 'right', cell: (result) => String(result.depth) },
            { header: 'RELATION', shorten: 'end', expendable: 1, style: terminal.colours.dim, cell: (result) => result.relations.join(', ') },
          ],
        });
      });
    });
  addPageOptions(addTargetOptions(command));
  examples(command, [['codeloom impact parseDate', 'all that depends on it'], ['codeloom impact parseDate --depth 2', 'no further than two steps']]);
}

function addPath(program: Command, session: () => Session): void {
  const command = program.command('path')
    .summary('how one symbol reaches another by calls')
    .description('A shortest chain of calls from one symbol to another (between files: of imports).')
    .argument('<from>', SYMBOL)
    .argument('<to>', 'likewise')
    .option('--depth <steps>', 'look no further than so many steps (default: 30)', positive)
    .action((from: string, to: string, options: QueryOptions) => {
      const current = session();
      return ask(current, options, async (asking) => {
        const answer = await asking.codeloom.path({ ...asking.target, from, to, depth: options.depth }, { signal: current.signal });
        await showPath(current, asking, answer);
      });
    });
  addTargetOptions(command);
  examples(command, [['codeloom path main Store.save', 'how main comes to call Store.save'], ['codeloom path src/cli.ts src/store.ts', 'how one file imports another']]);
}

async function showPath(session: Session, { locations }: Asking, answer: PathAnswer): Promise<void> {
  const { terminal, options } = session;
  const { colours } = terminal;
  if (options.json !== true && answer.results.length > 0) {
    for (const [index, step] of answer.results.entries()) {
      const lead = index === 0 ? '' : `${'  '.repeat(index - 1)}└ ${step.relations.join(', ').toLowerCase()} `;
      const where = index === 0 ? locations.at(step.path, step.line) : sitesText(step.sites, locations);
      await terminal.out(`${colours.dim(lead)}${colours.bold(printable(step.name))}  ${colours.cyan(printable(where))}${step.certainty === 'candidate' ? colours.yellow('  candidate') : ''}\n`);
    }
    await terminal.out(`\n${plural(answer.results.length - 1, 'step')}: ${answer.results.some((step) => step.certainty === 'candidate') ? colours.yellow('possible, not certain') : colours.green('certain')}.\n`);
    await showOthers(answer, terminal);
    return;
  }
  await present(session, { answer, terminal, locations, nouns: ['step', 'steps'] });
}
