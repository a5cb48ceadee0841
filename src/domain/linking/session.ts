import type { Contribution, SaidContribution } from './contribution.js';
import { evaluatedContribution, saidContribution } from './contribution.js';
import { Evaluator } from './evaluator.js';
import { Hierarchy } from './hierarchy.js';
import type { ImportTargets, Modules } from './imports.js';
import { EMPTY_SET } from './integer-sets.js';
import { Inquiry } from './inquiry.js';
import type { LinkContext } from './link-file.js';
import type { FileLinkage } from './linkage.js';
import type { LinkSource } from './linker.js';
import { Lookups, type LookupFile } from './lookups.js';
import { Program, type LinkFile } from './program.js';
import type { Trace } from './tracer.js';
import type { FileIndex } from './value.js';

/** A file as a session finds it: what is known of it from before stands, the rest is found when it is asked for. */
export interface SessionFile {
  readonly source: LinkSource;
  readonly targets: ImportTargets;
  /** What it contributed before, where that stands. */
  readonly standing: FileLinkage | undefined;
}

/** The memory of linking: every answer found once, from one state of all files. */
export class Session implements LinkContext {
  readonly ev: Evaluator;
  readonly hierarchy: Hierarchy;
  readonly lookups: Lookups;
  readonly #contributions: readonly LiveContribution[];

  constructor(files: readonly SessionFile[], modules: Modules) {
    const program = new Program(files.map((file) => file.source), modules);
    this.ev = new Evaluator(program);
    this.hierarchy = new Hierarchy(this.ev);
    this.#contributions = files.map((file, index) => new LiveContribution(this, program, index, file));
    this.lookups = new Lookups(this.#contributions, modules);
    program.inquiry = new Inquiry(this.lookups, program.tracer);
  }

  /** What a file contributes, and what that was found by. */
  contribution(index: FileIndex): { readonly contribution: Contribution; readonly trace: Trace } {
    const own = this.#contributions[index];
    if (own === undefined) throw new RangeError(`file ${index}`);
    const { said, evaluated, providers } = own;
    return { contribution: { said, overrides: evaluated.overrides, lines: evaluated.lines, providers }, trace: own.trace };
  }

  /** Forgets what was being done when it was broken off. */
  abandon(): void {
    this.ev.abandon();
    this.ev.tracer.current = EMPTY_SET;
  }
}

class LiveContribution implements LookupFile {
  readonly path: string;
  readonly rules: LinkFile['rules'];
  readonly targets: ImportTargets;
  readonly #context: Pick<Session, 'ev' | 'hierarchy'>;
  readonly #file: LinkFile;
  #said: SaidContribution | undefined;
  #evaluated: LookupFile['evaluated'] | undefined;
  #providers: LookupFile['providers'] | undefined;
  trace: Trace = EMPTY_SET;

  constructor(context: Pick<Session, 'ev' | 'hierarchy'>, program: Program, index: FileIndex, { targets, standing }: SessionFile) {
    const file = program.files[index];
    if (file === undefined) throw new RangeError(`file ${index}`);
    this.path = file.path;
    this.rules = file.rules;
    this.targets = targets;
    this.#context = context;
    this.#file = file;
    this.#said = standing?.contribution.said;
    this.#evaluated = standing?.contribution;
    this.#providers = standing?.contribution.providers;
  }

  get said(): SaidContribution {
    return (this.#said ??= saidContribution(this.#file));
  }

  get evaluated(): LookupFile['evaluated'] {
    return (this.#evaluated ??= this.#apart(() => evaluatedContribution(this.#context, this.#file)));
  }

  get providers(): LookupFile['providers'] {
    return (this.#providers ??= this.#apart(() => this.#context.ev.classProviders(this.#file)));
  }

  /** What is found apart from whatever asks for it: what it is found by is this file's to keep. */
  #apart<T>(find: () => T): T {
    const { ev } = this.#context;
    const asking = ev.tracer.current;
    ev.tracer.current = this.trace;
    const found = ev.apart(find);
    this.trace = ev.tracer.current;
    ev.tracer.current = asking;
    return found;
  }
}
