import type { FunctionFacts } from '../file-facts.js';

/** How many arguments a function takes, its receiver aside: at least, and at most (-1: any number). */
export function arity(facts: FunctionFacts, receiverIsParameter: boolean): readonly [least: number, most: number] {
  const parameters = receiverIsParameter && facts.member !== undefined ? facts.parameters.slice(1) : facts.parameters;
  const least = parameters.filter((parameter) => parameter.optional !== true && parameter.default === undefined && (parameter.form === undefined || parameter.form === 'positional-only')).length;
  const unlimited = parameters.some((parameter) => parameter.form === 'rest' || parameter.form === 'keywords');
  return [least, unlimited ? -1 : parameters.length];
}
