import { lastName } from './chains.js';
import type { Walk } from './walk.js';

/** What the names of a definition's decorators say, as far as they are known by name. */
export interface DecoratorNames {
  has(name: string): boolean;
  /** `@property` and its kin: reading the attribute calls the function. */
  readonly property: boolean;
  /** `@x.setter` and so on. */
  readonly accessor: 'getter' | 'setter' | 'deleter' | undefined;
  /** The accessor, where its property has the name given. */
  accessorOf(name: string): 'getter' | 'setter' | 'deleter' | undefined;
}

const NONE: DecoratorNames = { has: () => false, property: false, accessor: undefined, accessorOf: () => undefined };

export function decoratorNames(w: Walk, decorators: readonly number[]): DecoratorNames {
  if (decorators.length === 0) return NONE;
  const { kind } = w.syntax;
  const names = new Set<string>();
  let property = false;
  let accessor: DecoratorNames['accessor'];
  let accessed = '';
  for (const decorator of decorators) {
    let node = w.bare(w.firstPart(decorator));
    if (w.kind[node] === kind.call) node = w.bare(w.child(node, 'function'));
    const nameNode = lastName(w, node);
    if (nameNode < 0) continue;
    const name = w.text(nameNode);
    names.add(name);
    // cached_property, hybrid_property, classproperty …: libraries keep to the ending.
    if (name.endsWith('property')) property = true;
    const object = w.kind[node] === kind.attribute ? w.child(node, 'object') : -1;
    if ((name === 'setter' || name === 'getter' || name === 'deleter') && w.kind[object] === kind.identifier) {
      accessor = name;
      accessed = w.text(object);
    }
  }
  return { has: (name) => names.has(name), property, accessor, accessorOf: (name) => (accessed === name ? accessor : undefined) };
}
