import type { Definition, DefinitionIndex, DefinitionKind, ExprIndex, Position, ScopeIndex, TypeIndex } from '../../../../domain/file-facts.js';
import { docLine, signature } from './documentation.js';
import type { Walk } from './walk.js';

export interface DefinitionRequest {
  readonly kind: DefinitionKind;
  readonly name: string;
  /** Node at which the name stands. */
  readonly at: number;
  /** Node of the whole declaration. */
  readonly whole: number;
  /** Node whose start is the declaration's, when it is not `whole` (decorators that stand before it). */
  readonly from?: number;
  /** Where the signature starts, when not with `whole`; and the node before which it ends, -1 for the end of `whole`. */
  readonly signatureFrom?: number;
  readonly body?: number;
  readonly doc?: number;
  readonly parent?: DefinitionIndex;
  readonly scope?: ScopeIndex;
  readonly modifiers?: readonly string[];
  readonly type?: TypeIndex | undefined;
  readonly exported?: boolean;
  readonly decorators?: readonly ExprIndex[];
  /** Default: what the place says. A member of a local class is no local itself but lies in one; it counts as local too. */
  readonly local?: boolean;
}

/** Adds a definition at the walk's place. */
export function define(walk: Walk, request: DefinitionRequest): DefinitionIndex {
  const { nodes } = walk;
  const range = walk.range(request.whole);
  const start: Position = request.from === undefined ? range.start : walk.position(request.from);
  const from = nodes.start[request.signatureFrom ?? request.whole] ?? 0;
  const body = request.body ?? -1;
  const doc = docLine(walk, request.doc ?? -1);
  const definition: { -readonly [K in keyof Definition]: Definition[K] } = {
    kind: request.kind, name: walk.build.intern(request.name), parent: request.parent ?? walk.at.owner, scope: request.scope ?? walk.at.block,
    range: { start, end: range.end }, at: walk.position(request.at),
  };
  if (request.exported === true) definition.exported = true;
  if (request.modifiers !== undefined && request.modifiers.length > 0) definition.modifiers = request.modifiers;
  definition.signature = signature(walk, from, body >= 0 ? (nodes.start[body] ?? 0) : (nodes.end[request.whole] ?? 0));
  if (doc !== undefined) definition.doc = doc;
  if (request.type !== undefined) definition.type = request.type;
  if (request.decorators !== undefined && request.decorators.length > 0) definition.decorators = request.decorators;
  if (request.local ?? walk.at.local) definition.local = true;
  // The builder's drafts are the same shape with mutable lists; nothing writes to the lists given here.
  return walk.build.definition(definition as Parameters<typeof walk.build.definition>[0]);
}
