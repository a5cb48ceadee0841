import type { DefinitionIndex, TypeParameter } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { place } from './chains.js';
import { typeOf } from './types.js';
import type { Frame, Walk } from './walk.js';

/** The type parameters of a `def`, `class` or `type` statement (PEP 695) in a scope of their own; the frame as it was where there are none. */
export function typeParameters(w: Walk, node: number, frame: Frame, owner: DefinitionIndex, list = w.child(node, 'type_parameters')): { frame: Frame; parameters: TypeParameter[] } {
  const { kind } = w.syntax;
  if (list < 0) return { frame, parameters: [] };
  const scope = w.b.scope('type', frame.scope, owner);
  const within: Frame = { ...frame, scope };
  const parameters: TypeParameter[] = [];
  for (const part of w.parts(list)) {
    let at = w.kind[part] === kind.type ? w.firstPart(part) : part;
    let constraint = -1;
    if (w.kind[at] === kind.constrained_type) {
      const [name, bound] = w.parts(at);
      constraint = bound ?? -1;
      at = name === undefined ? -1 : w.kind[name] === kind.type ? w.firstPart(name) : name;
    }
    if (w.kind[at] === kind.splat_type) at = w.firstPart(at);
    if (at < 0 || w.kind[at] !== kind.identifier) continue;
    const parameter: Draft<TypeParameter> = { name: w.text(at) };
    if (constraint >= 0) parameter.constraint = typeOf(w, constraint, within, owner);
    parameters.push(parameter);
    w.b.bind(scope, parameter.name, { kind: 'type-parameter', type: parameter.constraint, ...place(w, at) });
  }
  return { frame: within, parameters };
}
