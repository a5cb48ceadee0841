import { replaceable } from './containers.js';
import type { Evaluation } from './evaluation.js';
import { fieldsInOrder, outsideBaseOf } from './named-tuples.js';
import { flatMap, only, open, unite, type ValueSet } from './value.js';

/** What awaiting gives. */
export function awaitedValues(ev: Evaluation, set: ValueSet): ValueSet {
  return flatMap(set, (value): ValueSet => {
    if (value.v === 'builtin') {
      const awaits = ev.program.builtinType(value.name)?.awaits ?? -1;
      return awaits < 0 ? only(value) : ev.awaited(value.arguments[awaits] ?? open('untyped-value'));
    }
    if (value.v === 'instance') {
      const protocol = ev.program.file(value.file).rules.protocols;
      const awaiter = ev.memberOf(value, protocol.await);
      if (awaiter.values.some((candidate) => candidate.v === 'function')) {
        const builtin = ev.lineage(value.file, value.class).external;
        if (builtin?.v === 'builtin') return ev.awaited(only(builtin));
        return open('opaque-type');
      }
      const external = ev.lineage(value.file, value.class).external;
      if (external?.v === 'builtin' && external.arguments[0] !== undefined) return ev.awaited(external.arguments[0]);
    }
    return only(value);
  });
}

/** Python: a list or the like may hold other functions by the time it is gone through. */
function elementsOf(container: string, set: ValueSet): ValueSet {
  return container === 'list' || container === 'set' || container === 'dict' ? replaceable(set) : set;
}

/** What iterating gives. */
export function iteratedValues(ev: Evaluation, set: ValueSet, asynchronous: boolean): ValueSet {
  return flatMap(set, (value): ValueSet => {
    if (value.v === 'builtin') {
      if (value.name === 'tuple') return unite(value.arguments);
      const iterates = ev.program.builtinType(value.name)?.iterates ?? -1;
      if (iterates === -2) return only(ev.values.builtin('tuple', value.arguments));
      return iterates < 0 ? open('untyped-value') : asynchronous ? ev.awaited(value.arguments[iterates] ?? open('untyped-value')) : elementsOf(value.name, value.arguments[iterates] ?? open('untyped-value'));
    }
    if (value.v === 'instance') {
      const { protocols } = ev.program.file(value.file).rules;
      const iterator = ev.call(ev.memberOf(value, asynchronous ? protocols.asyncIterator : protocols.iterator));
      const elements = iterator.values.map((candidate): ValueSet => {
        if (candidate.v === 'builtin') return ev.iterated(only(candidate), asynchronous);
        const next = ev.call(ev.memberOf(candidate, asynchronous ? protocols.asyncNext : protocols.next));
        return asynchronous ? ev.awaited(next) : next;
      });
      if (elements.length > 0) return unite(elements);
      const fields = fieldsInOrder(ev, value);
      if (fields !== undefined) return unite(fields);
      const base = outsideBaseOf(ev, value);
      return base?.v === 'builtin' ? ev.iterated(only(base), asynchronous) : open('untyped-value');
    }
    if (value.v === 'class' && ev.program.file(value.file).facts.classes[value.class] !== undefined) return only(ev.values.instance(value.file, value.class)); // an enum's members
    if (value.v === 'external') return only(ev.values.external(value.package, value.members, { derived: true, ...(value.entangled === true ? { entangled: true } : {}) }));
    if (value.v === 'argument') return ev.iterated(ev.handed(value), asynchronous);
    return open('untyped-value');
  });
}

/** What a context manager gives its target. */
export function enteredValues(ev: Evaluation, set: ValueSet, asynchronous: boolean): ValueSet {
  return flatMap(set, (value): ValueSet => {
    if (value.v === 'instance') {
      const { protocols } = ev.program.file(value.file).rules;
      const entered = ev.call(ev.memberOf(value, asynchronous ? protocols.asyncEnter : protocols.enter));
      return asynchronous ? ev.awaited(entered) : entered;
    }
    if (value.v === 'builtin') {
      // @contextmanager functions: what the generator yields
      if (value.name === 'context-manager' || /^(Iterable|iterator|generator|async-generator)$/.test(value.name)) return value.arguments[0] ?? open('untyped-value');
      return only(value);
    }
    if (value.v === 'external') return only(value);
    return open('untyped-value');
  });
}
