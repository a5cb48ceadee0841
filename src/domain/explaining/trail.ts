import type { ImportIndex } from '../file-facts.js';
import type { Evaluation } from '../linking/evaluation.js';
import { exportOrigins } from '../linking/modules.js';
import type { LinkFile } from '../linking/program.js';
import { at, type Step } from './step.js';
import { exprText } from './wording.js';

/** The statements by which a name comes out of a module, and where they end: the module that declares it, and its name there. */
export interface Trail {
  readonly steps: readonly Step[];
  /** The last module of the repository. */
  readonly file: LinkFile | undefined;
  readonly name: string;
}

/** Longer chains of re-exports are cycles. */
const LONGEST = 40;

/** From an import to the declaration behind it, module by module. Which module that is, linking decides; this tells how it got there. */
export function importTrail(ev: Evaluation, file: LinkFile, index: ImportIndex, name: string, local = name): Trail {
  const facts = file.facts.imports[index];
  const target = file.target(index);
  const where = facts === undefined ? {} : at(file.path, facts.line, facts.column);
  const specifier = JSON.stringify(facts?.specifier ?? '');
  const to = target.kind === 'file' ? target.path : target.kind === 'namespace' ? `${target.folders.join(', ')} (a package without a file)` : target.kind === 'external' ? `${target.package}, outside the repository` : target.kind === 'asset' ? `${target.path}, which is no code` : 'nowhere';
  const what = name === '*' ? `${local === '*' || local === '' ? 'a module' : local} is the module` : `${local === name || local === '' ? name : `${local} is ${name}`}, imported`;
  const step: Step = { rule: target.kind === 'external' ? 'external' : 'import', text: `${what} from ${specifier}: ${to}`, ...where };
  const next = target.kind === 'file' ? ev.program.at(target.path) : undefined;
  if (next === undefined || name === '*') return { steps: [step], file: next, name };
  const behind = exportTrail(ev, next, name);
  return { ...behind, steps: [step, ...behind.steps] };
}

/** From a module to the declaration of a name that it gives. */
export function exportTrail(ev: Evaluation, file: LinkFile, name: string): Trail {
  const steps: Step[] = [];
  const seen = new Set<string>();
  let here = file;
  let wanted = name;
  while (steps.length < LONGEST && !seen.has(`${here.index} ${wanted}`)) {
    seen.add(`${here.index} ${wanted}`);
    const hop = here.rules.exportsBindings ? topLevelHop(ev, here, wanted) : exportHop(ev, here, wanted);
    if (hop === undefined) break;
    if (hop.step !== undefined) steps.push(hop.step);
    if (hop.to === undefined) break;
    here = hop.to;
    wanted = hop.name;
  }
  return { steps, file: here, name: wanted };
}

interface Hop {
  readonly step: Step | undefined;
  /** The next module; absent where the trail ends. */
  readonly to: LinkFile | undefined;
  readonly name: string;
}

function topLevelHop(ev: Evaluation, file: LinkFile, name: string): Hop | undefined {
  const binding = file.binding(0, name);
  if (binding !== undefined) {
    const [imported] = binding.imports ?? [];
    if (imported === undefined || imported.root === true || binding.definitions !== undefined || binding.values !== undefined) return undefined;
    return importHop(ev, file, imported.import, imported.imported, name);
  }
  for (let index = file.facts.imports.length - 1; index >= 0; index--) {
    const facts = file.facts.imports[index];
    if (facts?.star !== true || facts.scope !== 0) continue;
    const target = file.target(index);
    const other = target.kind === 'file' ? ev.program.at(target.path) : undefined;
    if (other === undefined || (other.facts.all !== undefined ? !other.facts.all.includes(name) : name.startsWith('_')) || exportOrigins(ev, other, name) === undefined) continue;
    return { step: { rule: 'star-import', text: `everything is imported from ${JSON.stringify(facts.specifier)}: ${other.path}`, ...at(file.path, facts.line, facts.column) }, to: other, name };
  }
  return undefined;
}

function exportHop(ev: Evaluation, file: LinkFile, name: string): Hop | undefined {
  for (const entry of file.facts.exports) {
    if (entry.kind === 'star' || entry.kind === 'assign' || entry.name !== name) continue;
    if (entry.kind === 'from') return importHop(ev, file, entry.import, entry.imported, name, entry.line);
    if (entry.kind === 'value') return { step: { rule: 'export', text: `${name} is exported: ${exprText(file, entry.value)}`, ...at(file.path, entry.line) }, to: undefined, name };
    const binding = file.binding(0, entry.local);
    const [imported] = binding?.imports ?? [];
    const renamed: Step | undefined = entry.local === name ? undefined : { rule: 'export', text: `${entry.local} is exported as ${name}`, ...at(file.path, entry.line) };
    if (imported === undefined || binding?.definitions !== undefined || binding?.values !== undefined) return { step: renamed, to: undefined, name: entry.local };
    return importHop(ev, file, imported.import, imported.imported, name);
  }
  if (name !== 'default') {
    const givers = file.facts.exports.some((entry) => entry.kind === 'star') ? ev.program.inquiry.givers(file, name) : undefined;
    for (const entry of file.facts.exports) {
      if (entry.kind !== 'star') continue;
      const target = file.target(entry.import);
      const other = target.kind === 'file' && givers?.has(target.path) === true ? ev.program.at(target.path) : undefined;
      if (other === undefined || exportOrigins(ev, other, name) === undefined) continue;
      return { step: { rule: 're-export', text: `everything is exported again from ${JSON.stringify(file.facts.imports[entry.import]?.specifier ?? '')}: ${other.path}`, ...at(file.path, entry.line) }, to: other, name };
    }
  }
  const assigned = file.facts.exports.find((entry) => entry.kind === 'assign');
  if (assigned?.kind !== 'assign') return undefined;
  return { step: { rule: 'export', text: `the module is ${exprText(file, assigned.value)}`, ...at(file.path, assigned.line) }, to: undefined, name };
}

function importHop(ev: Evaluation, file: LinkFile, index: ImportIndex, imported: string, name: string, line?: number): Hop {
  const facts = file.facts.imports[index];
  const target = file.target(index);
  const to = target.kind === 'file' ? ev.program.at(target.path) : undefined;
  const where = target.kind === 'file' ? target.path : target.kind === 'external' ? `${target.package}, outside the repository` : target.kind === 'missing' ? 'nowhere' : 'no code';
  const what = imported === '*' ? `the module as ${name}` : imported === name ? name : `${imported} as ${name}`;
  const step: Step = { rule: 're-export', text: `${what}, exported again from ${JSON.stringify(facts?.specifier ?? '')}: ${where}`, ...at(file.path, line ?? facts?.line ?? 0) };
  return { step, to: imported === '*' ? undefined : to, name: imported };
}
