import { EMPTY_SET, IntegerSets, UNIVERSE, type SetId } from './integer-sets.js';
import type { FileIndex } from './value.js';

/** What something was found by looking at: an id of the tracer's sets. */
export type Trace = SetId;

/** What a trace holds. */
export interface Dependencies {
  /** Files that others' facts were read of, ascending. */
  readonly files: readonly FileIndex[];
  readonly questions: readonly Question[];
  /** It rests on an answer that may come out otherwise when something else is looked at first (a knot that was cut). */
  readonly unsettled: boolean;
  /** It looked at more than is worth telling apart: on everything. */
  readonly everything: boolean;
}

/** Something asked about the snapshot as a whole, and the answer that was given. */
export interface Question {
  readonly kind: QuestionKind;
  /** What the kind asks about, in the kind's own order. */
  readonly about: readonly string[];
  readonly answer: string;
}

/**
 * `file`: whether a path has facts. `resolve`: where a specifier that no import statement wrote leads, from a path. `submodule`: a name in a package. `shared`: the files that give
 * all others a name. `givers`: of the modules that a file exports as a whole, those that may give a name. `known`: whether any method has a name. `mentioned`: whether anything callable that a file can see has one. `candidates`: methods for a call on an unknown receiver.
 * `overriders`: of a member. `lines`: what `super().name()` of a class may reach besides. `providers`: classes that provide a name. `plugins`: modules loaded everywhere. `registrars`: files that make something known under a key.
 */
export type QuestionKind = 'file' | 'resolve' | 'submodule' | 'shared' | 'givers' | 'known' | 'mentioned' | 'candidates' | 'overriders' | 'lines' | 'providers' | 'plugins' | 'registrars';

const UNSETTLED = -1;
/** Questions are counted from here on, files below. */
const FIRST_QUESTION = 2 ** 28;

/**
 * Writes down what is looked at while something is found: which files, and which questions about the snapshot as a whole. Whoever keeps an answer keeps its
 * trace, and adds it again whenever the answer is used.
 */
export class Tracer {
  readonly #sets = new IntegerSets();
  readonly #questions: Question[] = [];
  readonly #known = new Map<string, number>();
  /** What has been looked at since whoever is tracing began. */
  current: Trace = EMPTY_SET;

  begin(): Trace {
    const outer = this.current;
    this.current = EMPTY_SET;
    return outer;
  }

  /** Ends what `begin` began: gives what was looked at, which counts for the outer one as well. */
  end(outer: Trace): Trace {
    const trace = this.current;
    this.current = this.#sets.unite(outer, trace);
    return trace;
  }

  add(trace: Trace): void {
    if (trace !== this.current) this.current = this.#sets.unite(this.current, trace);
  }

  read(file: FileIndex): void {
    this.add(this.#sets.single(file));
  }

  unsettled(): void {
    this.add(this.#sets.single(UNSETTLED));
  }

  /** Notes a question, and gives its answer back. */
  ask(kind: QuestionKind, about: readonly string[], answer: string): void {
    const key = `${kind}\n${about.join('\n')}`;
    let index = this.#known.get(key);
    if (index === undefined) {
      index = this.#questions.push({ kind, about, answer }) - 1;
      this.#known.set(key, index);
    }
    this.add(this.#sets.single(FIRST_QUESTION + index));
  }

  dependencies(trace: Trace): Dependencies {
    const files: FileIndex[] = [];
    const questions: Question[] = [];
    let unsettled = false;
    for (const element of this.#sets.elements(trace)) {
      if (element === UNSETTLED) unsettled = true;
      else if (element < FIRST_QUESTION) files.push(element);
      else questions.push(this.#questions[element - FIRST_QUESTION] ?? { kind: 'file', about: [], answer: '' });
    }
    return { files, questions, unsettled: unsettled || trace === UNIVERSE, everything: trace === UNIVERSE };
  }
}
