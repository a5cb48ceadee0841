import type { ClassFacts, DefinitionIndex, FunctionFacts, Parameter, TypeIndex, TypeParameter } from '../../../../domain/file-facts.js';
import type { Draft } from '../../facts-builder.js';
import { commentBefore } from './documentation.js';
import { docTags, tagName, type DocTag } from './jsdoc-tags.js';
import { positionIn, readDocType } from './jsdoc-type.js';
import { MemberTable } from './members.js';
import type { DocParameters } from './parameters.js';
import type { Walk } from './walk.js';

/** What a comment says of a function. Each type is read in the walk's scope when it is asked for, and must be asked for once. */
export class FunctionDoc {
  readonly #tags: readonly DocTag[];

  constructor(tags: readonly DocTag[]) {
    this.#tags = tags;
  }

  get templates(): readonly DocTag[] {
    return this.#tags.filter(({ tag }) => tag === 'template');
  }

  declareTemplates(walk: Walk): TypeParameter[] | undefined {
    return declareTemplates(walk, this.templates);
  }

  parameters(walk: Walk): DocParameters {
    return parametersOf(walk, this.#tags);
  }

  thisType(walk: Walk): TypeIndex | undefined {
    return typeOf(walk, this.#tags.find(({ tag }) => tag === 'this'));
  }

  returns(walk: Walk): TypeIndex | undefined {
    return typeOf(walk, this.#tags.find(({ tag }) => tag === 'returns' || tag === 'return'));
  }

  /** `@type` on a function: what is expected of it. */
  type(walk: Walk): TypeIndex | undefined {
    return typeOf(walk, this.#tags.find(({ tag }) => tag === 'type'));
  }
}

export function readFunctionDoc(walk: Walk, comment: number): FunctionDoc | undefined {
  const tags = docTags(walk, comment);
  return tags.length === 0 ? undefined : new FunctionDoc(tags);
}

/** What a comment says of a class. */
export class ClassDoc {
  readonly #tags: readonly DocTag[];

  constructor(tags: readonly DocTag[]) {
    this.#tags = tags;
  }

  get templates(): readonly DocTag[] {
    return this.#tags.filter(({ tag }) => tag === 'template');
  }

  declareTemplates(walk: Walk): TypeParameter[] | undefined {
    return declareTemplates(walk, this.templates);
  }

  /** `@extends {Base<T>}` gives the base's type arguments, `@implements {I}` an interface. */
  heritage(walk: Walk, facts: Draft<ClassFacts>): void {
    for (const tag of this.#tags) {
      if (tag.type === undefined || (tag.tag !== 'extends' && tag.tag !== 'augments' && tag.tag !== 'implements')) continue;
      const { line, column } = positionIn(walk, tag.type, 0);
      const mentions = walk.build.typeReferences.length;
      const type = readDocType(walk, tag.type);
      const read = walk.build.types[type];
      // Heritage has its own place among the facts.
      if (read?.k === 'ref') walk.build.typeReferences.splice(mentions, walk.build.typeReferences.length - mentions, ...walk.build.typeReferences.slice(mentions).filter((mention) => mention.type !== type));
      if (tag.tag === 'implements') facts.implements.push({ type, line, column });
      else {
        const base = facts.extends[0];
        if (base !== undefined && read?.k === 'ref' && read.arguments !== undefined) facts.extends[0] = { ...base, typeArguments: read.arguments };
      }
    }
  }
}

export function readClassDoc(walk: Walk, comment: number): ClassDoc | undefined {
  const tags = docTags(walk, comment);
  return tags.length === 0 ? undefined : new ClassDoc(tags);
}

/** The `@type` of what a comment documents. */
export function docTypeBefore(walk: Walk, comment: number): TypeIndex | undefined {
  return typeOf(walk, docTags(walk, comment).find(({ tag }) => tag === 'type'));
}

/** The type of a cast: a `@type` comment directly before parentheses. */
export function castBefore(walk: Walk, node: number): TypeIndex | undefined {
  const comment = commentBefore(walk, node);
  return comment < 0 ? undefined : docTypeBefore(walk, comment);
}

/** `@typedef` and `@callback` declare types where the comment stands. */
export function readDocDeclarations(walk: Walk, comment: number): void {
  const tags = docTags(walk, comment);
  for (let i = 0; i < tags.length; i++) {
    const tag = tags[i];
    if (tag === undefined || (tag.tag !== 'typedef' && tag.tag !== 'callback')) continue;
    let last = i + 1;
    while (last < tags.length && tags[last]?.tag !== 'typedef' && tags[last]?.tag !== 'callback') last++;
    declareType(walk, comment, tag, [...tags.slice(0, i).filter((before) => before.tag === 'template'), ...tags.slice(i + 1, last)]);
    i = last - 1;
  }
}

function declareType(walk: Walk, comment: number, tag: DocTag, details: readonly DocTag[]): void {
  const { build } = walk;
  const found = tagName(tag);
  // `@typedef {…}` may leave its name to the declaration behind it.
  if (found === undefined || found.name.includes('.')) return;
  const at = positionIn(walk, { text: '', offset: tag.offset, comment }, found.index);
  const name = build.intern(found.name);
  const definition = build.definition({
    kind: 'type', name, parent: walk.at.owner, scope: walk.at.block, range: walk.range(comment), at, exported: walk.at.block === 0,
    signature: `@${tag.tag} ${name}`, ...(walk.at.local ? { local: true } : {}),
  });
  build.bind(walk.at.block, name, { kind: 'definition', definition, line: at.line, column: at.column });
  if (walk.at.block === 0) build.exports.push({ kind: 'local', name, local: name, typeOnly: true, line: at.line });
  const templates = details.filter((detail) => detail.tag === 'template');
  const scope = templates.length === 0 ? walk.at.scope : build.scope('type', walk.at.scope, definition);
  walk.within({ scope, owner: definition }, () => {
    const draft = build.definitions[definition];
    const typeParameters = declareTemplates(walk, templates);
    const type = tag.tag === 'callback' ? callbackType(walk, details) : typedefType(walk, tag, details, definition);
    if (draft === undefined) return;
    draft.type = type;
    if (typeParameters !== undefined) draft.typeParameters = typeParameters;
  });
}

function callbackType(walk: Walk, tags: readonly DocTag[]): TypeIndex {
  const { build } = walk;
  const scope = build.scope('function', walk.at.scope, walk.at.owner);
  const facts: Draft<FunctionFacts> = { definition: -1, scope, parameters: [], returns: [], bodiless: true };
  const index = build.function(facts);
  const parameters: Parameter[] = [];
  walk.within({ scope }, () => {
    for (const tag of tags) {
      if (tag.tag !== 'param') continue;
      const found = tagName(tag);
      if (found === undefined || found.name.includes('.')) continue;
      const type = typeOf(walk, tag);
      parameters.push({ name: build.intern(found.name), ...(type === undefined ? {} : { type }), ...(found.optional ? { optional: true } : {}) });
    }
    const returns = typeOf(walk, tags.find(({ tag }) => tag === 'returns' || tag === 'return'));
    if (returns !== undefined) facts.returnType = returns;
  });
  facts.parameters = parameters;
  return build.type({ k: 'function', function: index });
}

function typedefType(walk: Walk, tag: DocTag, details: readonly DocTag[], definition: DefinitionIndex): TypeIndex {
  const { build } = walk;
  const properties = details.filter((detail) => detail.tag === 'property' || detail.tag === 'prop');
  if (properties.length === 0) return typeOf(walk, tag) ?? 0;
  const facts: Draft<ClassFacts> = { kind: 'type-literal', definition: -1, scope: build.scope('class', walk.at.scope, definition), extends: [], implements: [], members: [] };
  const table = new MemberTable(build.class(facts));
  facts.members = table.list;
  for (const property of properties) {
    const found = tagName(property);
    if (found !== undefined && !found.name.includes('.')) table.add({ name: build.intern(found.name), kind: 'field', static: false, optional: found.optional, type: typeOf(walk, property) });
  }
  return build.type({ k: 'object', class: table.class });
}

function parametersOf(walk: Walk, tags: readonly DocTag[]): DocParameters {
  const byName = new Map<string, { readonly type?: TypeIndex | undefined; readonly optional: boolean }>();
  for (const tag of tags) {
    if (tag.tag !== 'param' && tag.tag !== 'arg' && tag.tag !== 'argument') continue;
    const found = tagName(tag);
    // `options.a` describes a part of `options`.
    if (found === undefined || found.name.includes('.') || byName.has(found.name)) continue;
    byName.set(found.name, { type: typeOf(walk, tag), optional: found.optional });
  }
  const inOrder = [...byName.values()];
  return { typeOf: (name) => byName.get(name), at: (index) => inOrder[index] };
}

function typeOf(walk: Walk, tag: DocTag | undefined): TypeIndex | undefined {
  return tag?.type === undefined ? undefined : readDocType(walk, tag.type);
}

/** `@template T, U` and `@template {Constraint} T`. */
function declareTemplates(walk: Walk, tags: readonly DocTag[]): TypeParameter[] | undefined {
  if (tags.length === 0) return undefined;
  const found: TypeParameter[] = [];
  for (const tag of tags) {
    const names = /^\s*(\[?[\w$]+(?:\s*=[^\]]*\])?(?:\s*,\s*[\w$]+)*)/.exec(tag.rest)?.[1] ?? '';
    for (const name of names.split(',').map((part) => part.replace(/^\s*\[?|\s*=.*$|\s+$/g, ''))) {
      if (name === '') continue;
      const { line, column } = walk.position(tag.comment);
      walk.build.bind(walk.at.scope, name, { kind: 'type-parameter', line, column });
      const constraint = typeOf(walk, tag);
      found.push(constraint === undefined ? { name } : { name, constraint });
    }
  }
  return found;
}
