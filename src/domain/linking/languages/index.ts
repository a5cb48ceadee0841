import type { LanguageRules } from '../language-rules.js';
import { ecmascript } from './ecmascript/rules.js';
import { python } from './python/rules.js';

/** Every language family that can be linked. */
export const LANGUAGES: readonly LanguageRules[] = [ecmascript, python];

/** Whether a file shapes how modules are found, so that linking needs its text. */
export function isConfiguration(path: string): boolean {
  return LANGUAGES.some((language) => language.modules.isConfiguration(path));
}
