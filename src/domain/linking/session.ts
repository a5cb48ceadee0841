import type { EvaluatedContribution, SaidContribution } from './contribution.js';
import { evaluatesNothing, NOTHING_EVALUATED, overridesAndLines } from './contribution.js';
import { Evaluator } from './evaluator.js';
import { Hierarchy } from './hierarchy.js';
import type { ImportTargets, Modules } from './imports.js';
import { EMPTY_SET } from './integer-sets.js';
import { Inquiry } from './inquiry.js';
import type { LinkContext } from './link-file.js';
import type { LinkSource } from './linker.js';
import { Lookups, type LookupFile } from './lookups.js';
import { Program, type LinkFile } from './program.js';
import type { Trace } from './tracer.js';
import type { FileIndex } from './value.js';

/** A file as a session finds it. */
export interface SessionFile {
  readonly source: LinkSource;
  readonly targets: ImportTargets;
  readonly said: SaidContribution;
  /** Found when it is asked for, where it is not known. */
  readonly evaluated: EvaluatedContribution | undefined;
}

/** The memory of linking: every answer found once, from one state of all files. */
export class Session implements LinkContext {
  readonly ev: Evaluator;
  readonly hierarchy: Hierarchy;
  readonly #contributions: readonly LiveContribution[];

  /** `lookups` are made from the files where they are not given. */
  constructor(files: readonly SessionFile[], modules: Modules, lookups?: Lookups) {
    const program = new Program(files.map((file) => file.source), modules);
    this.ev = new Evaluator(program);
    this.hierarchy = new Hierarchy(this.ev);
    this.#contributions = lookups === undefined ? files.map((file, index) => new LiveContribution(this, program, index, file)) : [];
    program.inquiry = new Inquiry(lookups ?? new Lookups(this.#contributions, modules), program.tracer);
  }

  /** Source bytes of the files whose facts it has taken. */
  get taken(): number {
    return this.ev.program.taken;
  }

  /** What evaluation says that a file contributes, and what that was found by. */
  evaluated(index: FileIndex): { readonly evaluated: EvaluatedContribution; readonly trace: Trace } {
    const own = this.#contributions[index];
    if (own === undefined) throw new RangeError(`file ${index}`);
    const { overrides, lines } = own.evaluated;
    return { evaluated: { overrides, lines, providers: own.providers }, trace: own.trace };
  }

  /** Does some work on a file, and gives with its outcome what it was found by. */
  traced<T>(index: FileIndex, work: (file: LinkFile) => T): { readonly partition: T; readonly trace: Trace } {
    const file = this.ev.program.files[index];
    if (file === undefined) throw new RangeError(`file ${index}`);
    this.ev.tracer.current = EMPTY_SET;
    const partition = work(file);
    return { partition, trace: this.ev.tracer.current };
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
  readonly said: SaidContribution;
  readonly #context: Pick<Session, 'ev' | 'hierarchy'>;
  readonly #file: LinkFile;
  #evaluated: LookupFile['evaluated'] | undefined;
  #providers: LookupFile['providers'] | undefined;
  trace: Trace = EMPTY_SET;

  constructor(context: Pick<Session, 'ev' | 'hierarchy'>, program: Program, index: FileIndex, { targets, said, evaluated }: SessionFile) {
    const file = program.files[index];
    if (file === undefined) throw new RangeError(`file ${index}`);
    this.path = file.path;
    this.rules = file.rules;
    this.targets = targets;
    this.said = said;
    this.#context = context;
    this.#file = file;
    const known = evaluated ?? (evaluatesNothing(said) ? NOTHING_EVALUATED : undefined);
    this.#evaluated = known;
    this.#providers = known?.providers;
  }

  get evaluated(): LookupFile['evaluated'] {
    return (this.#evaluated ??= this.#apart(() => overridesAndLines(this.#context, this.#file)));
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
