import type { ClassIndex, DefinitionIndex, ExprIndex, FunctionIndex, Member, TypeIndex } from '../../../../domain/file-facts.js';

/** A member while it is being gathered. */
type GrowingMember = { -readonly [K in keyof Member]: NonNullable<Member[K]> extends readonly (infer E)[] ? E[] : Member[K] };

export interface MemberSource {
  readonly name: string;
  readonly kind: Member['kind'];
  readonly static: boolean;
  readonly optional?: boolean;
  readonly definition?: DefinitionIndex;
  readonly function?: FunctionIndex;
  /** A setter: its definition and function stand behind the getter's. */
  readonly setter?: boolean;
  readonly type?: TypeIndex | undefined;
  readonly value?: ExprIndex | undefined;
  readonly decorators?: readonly ExprIndex[];
}

/** The members of one class, interface, enum or object type: overloads, accessor pairs and merged declarations as one each. */
export class MemberTable {
  readonly list: GrowingMember[] = [];
  readonly class: ClassIndex;
  readonly #byName = new Map<string, GrowingMember>();
  readonly #getters = new Set<GrowingMember>();

  constructor(of: ClassIndex) {
    this.class = of;
  }

  add(source: MemberSource): void {
    const nameless = source.kind === 'call' || source.kind === 'construct' || source.kind === 'index';
    const key = `${nameless ? source.kind : 'named'} ${source.static ? 'static' : 'instance'} ${source.name}`;
    let member = this.#byName.get(key);
    if (member === undefined) {
      member = { name: source.name, kind: source.kind, definitions: [] };
      if (source.static) member.static = true;
      this.#byName.set(key, member);
      this.list.push(member);
    }
    if (source.optional === true) member.optional = true;
    if (source.kind === 'property') this.#accessor(member, source);
    else {
      if (source.definition !== undefined && source.definition >= 0) member.definitions.push(source.definition);
      if (source.function !== undefined) (member.functions ??= []).push(source.function);
      if (source.type !== undefined) member.type ??= source.type;
    }
    if (source.value !== undefined && source.value !== 0) (member.values ??= []).push(source.value);
    if (source.decorators !== undefined && source.decorators.length > 0) (member.decorators ??= []).push(...source.decorators);
  }

  #accessor(member: GrowingMember, source: MemberSource): void {
    if (source.setter === true) {
      if (source.definition !== undefined) member.definitions.push(source.definition);
      if (!this.#getters.has(member) && source.type !== undefined) member.type ??= source.type;
      return;
    }
    if (source.definition !== undefined) member.definitions.unshift(source.definition);
    if (source.function !== undefined) (member.functions ??= []).unshift(source.function);
    if (!this.#getters.has(member)) delete member.type;
    this.#getters.add(member);
  }
}
