import type { LanguageExtractor } from '../../language-extractor.js';

export const ecmascriptExtractors: readonly LanguageExtractor[] = [];
