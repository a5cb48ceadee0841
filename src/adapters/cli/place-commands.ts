import type { Command } from 'commander';
import type { DefinitionAnswer } from '../../use-cases/queries/definition.js';
import { showNothing } from './answer-view.js';
import { EXIT, Exit } from './failure.js';
import { addTargetOptions, examples, type TargetOptions } from './options.js';
import { showDefinition, showExplanations } from './place-view.js';
import { ask, printJson, type Session } from './session.js';

/** Questions about a place in source. */
export function addPlaceCommands(program: Command, session: () => Session): void {
  addDefinition(program, session);
  addExplain(program, session);
}

function addDefinition(program: Command, session: () => Session): void {
  const command = program.command('definition')
    .summary('where the name at a place is declared')
    .description('Where the name at a place is declared: a call, an import, a type, a variable, a parameter, a member; behind imports, re-exports and inheritance. Asks the linker again, and reads the one file anew.')
    .argument('<place>', '`path:line:column`, counted from 1')
    .option('--steps', 'how the name leads there, statement by statement')
    .action((place: string, options: TargetOptions & { readonly steps?: boolean }) => {
      const current = session();
      return ask(current, options, async ({ codeloom, target, locations }) => {
        const answer = await codeloom.definition({ ...target, at: locations.inRepository(place) }, { signal: current.signal });
        if (current.options.json === true) await printJson(current.terminal, answer);
        else if (answer.name === undefined && answer.nothing !== undefined) showNothing(answer.nothing, answer.query, current.terminal);
        else await showDefinition(answer, { terminal: current.terminal, locations, steps: options.steps === true });
        if (isEmpty(answer)) throw new Exit(EXIT.negative);
      });
    });
  addTargetOptions(command);
  examples(command, [['codeloom definition src/app.ts:12:7', 'what stands at line 12, column 7'], ['codeloom definition src/app.ts:12:7 --steps', 'and by which imports and re-exports']]);
}

function addExplain(program: Command, session: () => Session): void {
  const command = program.command('explain')
    .summary('how a call was resolved, or why it was not')
    .description('For each call site of a line: its verdict and targets, and step by step what the parts of the callee evaluate to, by which declarations, imports, types and results. What to send with a report about a wrong or missing edge.')
    .argument('<place>', '`path:line`, or `path:line:column` for one call')
    .action((place: string, options: TargetOptions) => {
      const current = session();
      return ask(current, options, async ({ codeloom, target, locations }) => {
        const answer = await codeloom.explain({ ...target, at: locations.inRepository(place) }, { signal: current.signal });
        if (current.options.json === true) await printJson(current.terminal, answer);
        else if (answer.nothing !== undefined) showNothing(answer.nothing, answer.query, current.terminal);
        else await showExplanations(answer, { terminal: current.terminal, locations });
        if (answer.nothing !== undefined) throw new Exit(EXIT.negative);
      });
    });
  addTargetOptions(command);
  examples(command, [['codeloom explain src/app.ts:12', 'every call of line 12'], ['codeloom explain src/app.ts:12:9 --json', 'one call, for a program']]);
}

function isEmpty({ results }: DefinitionAnswer): boolean {
  return results.length === 0;
}
